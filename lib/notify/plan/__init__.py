"""Which mails a run owes to whom, decided from the database's rows alone."""
