"""Runs a program that loses the death signal of its parent.

  guard.py PROGRAM [ARGUMENT...]

The kernel forgets PR_SET_PDEATHSIG when a process changes its user, as
Postfix's master does. This one keeps it, and passes SIGTERM on.
"""

import signal
import subprocess
import sys


def main() -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    with subprocess.Popen(
        sys.argv[1:],
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, set()),
    ) as child:
        while child.poll() is None:
            if signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGTERM:
                child.terminate()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
