"""`make demo`: a chain of 16 stores wakes up, on this machine alone."""

from lib import stop

if __name__ == "__main__":
    # Before the slow imports: Ctrl-C during them ends this at once, without a traceback.
    stop.end_silently()

    from demo.morning import main

    main()
