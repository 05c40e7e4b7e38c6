"""Whether code runs in a kernel, and whether a person sits at its other end."""


def is_live_kernel():
    """Return whether a person is at the kernel's other end, or None where there is no kernel.

    A program that runs notebooks takes no input.
    """
    try:
        return bool(get_ipython().kernel._allow_stdin)  # ipykernel tells it nowhere else
    except (NameError, AttributeError):
        return None


def is_terminal():
    """Return whether this is an IPython without a kernel: it shows text and nothing else."""
    try:
        return get_ipython() is not None
    except NameError:
        return False
