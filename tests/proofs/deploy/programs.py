"""Programs that the deploy test runs, each with a time limit, and waiting for something to become true."""

import subprocess
import time


def output(*words, check=True, given=None, timeout_s=300, **how):
    """Run a command; return what it printed, or fail with the end of it."""
    command = " ".join(map(str, words))
    try:
        done = subprocess.run(
            words,
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            errors="replace",
            **how,
        )
    except subprocess.TimeoutExpired as late:
        raise AssertionError(
            f"did not end within {timeout_s} s: {command}\n{(late.stdout or b'')[-4000:]!r}"
        ) from None
    if check and done.returncode:
        raise AssertionError(
            f"exit code {done.returncode}: {command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout.strip()


def docker(*words, **how):
    return output("docker", *words, **how)


def address_of(container):
    """Return the address of a container in the network of its own."""
    networks = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "--format", networks, container)


def until(what, true, *, timeout_s=300, every_s=1.0, inspect_state=str):
    """Return the first true value of `true()`.

    `what` is told at the deadline, with what `look()` then sees.
    """
    end = time.monotonic() + timeout_s
    while not (value := true()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout_s} s: {what}\n{inspect_state()}")
        time.sleep(every_s)
    return value
