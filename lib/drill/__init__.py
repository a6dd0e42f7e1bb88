"""A fault put into a real run on purpose, and what is judged afterwards.

Nothing here touches the database, the readers or the volumes of the host: the run works on a
scratch database made from the last backup, on directories of its own, and its mails end in a server
of its own.

Source: docs/how-to/run-a-fault-drill.md.
"""
