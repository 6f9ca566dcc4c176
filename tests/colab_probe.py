"""Turn all that a lesson has shown. It runs as one more cell, after the last, and prints what was found as JSON.

Each widget is told what the front end would tell it: the messages of ipywidgets' protocol, without a browser.
"""

import gc
import json

import ipywidgets

from course_utils.knobs import Panel, Prediction


def _moved(widget, **state):
    """The front end reports that the learner has moved a widget."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def _pressed(button):
    """The front end reports a click."""
    data = {"method": "custom", "content": {"event": "click"}}
    button._handle_msg({"content": {"data": data}, "buffers": []})


def _alive(kind):
    return [thing for thing in gc.get_objects() if issubclass(type(thing), kind)]


def _turn(panel):
    """Move each slider to another place, then type its first value again; and say what became of the picture."""
    (image,) = [child for child in panel.children if isinstance(child, ipywidgets.Image)]
    reset = next(child for child in panel.children if isinstance(child, ipywidgets.Button))
    first, told, found = image.value, panel.children[-1].value, {}
    for name, control in panel.controls.items():
        knob, start = control.knob, control.setting
        far = knob.high if abs(knob.high - start) >= abs(knob.low - start) else knob.low
        there = knob.tidy((start * far) ** 0.5 if knob.log else (start + far) / 2)
        before = image.value
        _moved(control.slider, value=there)
        found[name] = {
            "moved": control.setting != start and control.box.value == control.setting,
            "drawn": image.value != before and image.value[:8] == b"\x89PNG\r\n\x1a\n",
            "told": panel.children[-1].value != told,
            "error": panel.error,
        }
        _moved(control.box, value=start)
        found[name]["typed"] = control.setting == start and control.slider.value != there
    _pressed(reset)
    return {"knobs": found, "reset": image.value == first and panel.error is None}


def _guess(prediction):
    """Move to an answer and press the button: is the guess kept?"""
    _, entry, button, status = prediction.children
    if isinstance(entry, ipywidgets.RadioButtons):
        _moved(entry, index=1)
    else:
        _moved(entry.slider, value=entry.knob.low)
    _pressed(button)
    return prediction.value is not None and "Kept: " in status.value


def _answer(block):
    """Choose the first option of a question and press its button: is there a feedback?"""
    _, radio, button, place = block.children
    before = place.value
    _moved(radio, index=0)
    _pressed(button)
    return place.value != before and "<b>" in place.value


_quizzes = [box for box in _alive(ipywidgets.VBox) if "course-quiz" in box._dom_classes]
print(
    json.dumps(
        {
            "ipywidgets": ipywidgets.__version__,
            "panels": [_turn(panel) for panel in _alive(Panel)],
            "guesses": {one._identity: _guess(one) for one in _alive(Prediction)},
            "answers": [_answer(block) for quiz in _quizzes for block in quiz.children],
        }
    )
)
