"""An explorer in a live kernel: ipywidgets controls that call draw anew."""

from html import escape

import ipywidgets

from .page import picture_html, style_html


def kernel_widget(explorer):
    """Return the widget of an explorer: its controls and a Reset above the picture."""
    fields = {control.name: field(control) for control in explorer.controls}
    start = {name: box.value for name, box in fields.items()}
    reset = ipywidgets.Button(description="Reset")
    picture = ipywidgets.HTML()

    def values():
        return {name: box.value for name, box in fields.items()}

    def show(_=None):
        picture.value = live_html(explorer, values())

    def observe(act):
        for box in fields.values():
            getattr(box, act)(show, "value")

    def restore(_):
        observe("unobserve")  # one new picture, not one a control
        for name, box in fields.items():
            box.value = start[name]
        observe("observe")
        show()

    reset.on_click(restore)
    observe("observe")
    show()
    seen = [fields[control.name] for control in explorer.controls if len(control.values) > 1]
    box = ipywidgets.VBox([*seen, reset, picture])
    return box.add_class("sg-live")


def field(control):
    """Return the ipywidgets control of a control: it offers the values that a page offers."""
    look = {"description": control.label, "style": {"description_width": "initial"}}
    start = control.values[control.start]
    if control.kind == "switch":
        return ipywidgets.Checkbox(value=start, **look)
    if control.kind == "words":
        return ipywidgets.Dropdown(options=control.values, value=start, **look)
    look |= {"value": start, "layout": {"width": "28em"}}
    if control.between:
        return between(control, look)
    options = [(control.text(value), value) for value in control.values]
    return ipywidgets.SelectionSlider(options=options, **look)


def between(control, look):
    """Return a slider that reaches every value from the first to the last."""
    low, high = control.values[0], control.values[-1]
    look |= {"min": low, "max": high}
    if all(isinstance(value, int) for value in control.values):
        return ipywidgets.IntSlider(**look)
    return ipywidgets.FloatSlider(step=(high - low) / 200 or 1, readout_format=".4g", **look)


def live_html(explorer, values):
    """Return the picture for these values, or in its place the error that draw raised."""
    try:
        shown = picture_html(explorer.picture(**values))
    except (RuntimeError, TypeError) as error:
        shown = f'<p role="alert"><strong>{escape(str(error))}</strong></p>'
    return f'{style_html()}<div class="sg-explorer">{shown}</div>'
