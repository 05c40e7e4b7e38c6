"""An explorer in a live kernel: ipywidgets controls that call draw anew."""

from html import escape

import ipywidgets

from .page import picture_html, style_html


def kernel_widget(explorer):
    """Return the widget of an explorer: its controls above the picture."""
    fields = {control.name: field(control) for control in explorer.controls}
    picture = ipywidgets.HTML()

    def show(_=None):
        picture.value = live_html(explorer, {name: box.value for name, box in fields.items()})

    for box in fields.values():
        box.observe(show, "value")
    show()
    seen = [fields[control.name] for control in explorer.controls if len(control.values) > 1]
    return ipywidgets.VBox([*seen, picture])


def field(control):
    """Return the ipywidgets control; numbers between the prepared ones can be reached too."""
    low, high, start = control.values[0], control.values[-1], control.values[control.start]
    look = {"description": control.label, "style": {"description_width": "initial"}}
    if control.kind == "words":
        return ipywidgets.Dropdown(options=control.values, value=start, **look)
    if control.kind == "switch":
        return ipywidgets.Checkbox(value=start, **look)
    look |= {"value": start, "min": low, "max": high, "layout": {"width": "28em"}}
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
