"""A progress bar that is there only when asked for."""


class _NoBar:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self, count):
        pass


def progress_bar(total, unit, wanted):
    """Return a tqdm bar, or, unless wanted, an object that takes its updates and shows nothing."""
    if not wanted:
        return _NoBar()
    from tqdm.auto import tqdm  # only who asks for a bar pays for it

    return tqdm(total=total, unit=unit, unit_scale=True)
