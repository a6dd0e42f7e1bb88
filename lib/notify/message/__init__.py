"""From a mail to the bytes that are sent: templates, HTML page, attached files, MIME."""
