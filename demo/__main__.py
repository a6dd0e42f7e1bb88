"""`make demo`: a chain of 16 stores wakes up, on this machine alone."""

from demo.morning import main

if __name__ == "__main__":
    main()
