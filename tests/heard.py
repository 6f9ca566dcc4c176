"""What a page tells somebody who hears it or moves by keys: names, order of focus, the accessibility tree, axe-core."""

import re
from collections import Counter
from typing import Any

# In the order of the page, all that one can operate; a group of radio buttons is one stop.
OPERABLE = "input:not([type=radio]), button, select, textarea, [role=slider], [tabindex='0'], summary, a[href]"
STOPS = f"""area => {{
    const seen = node => node.offsetParent !== null || node.getClientRects().length > 0;
    window.courseStops = [...area.querySelectorAll("{OPERABLE}")].filter(node => seen(node) && node.tabIndex >= 0);
    return window.courseStops.length;
}}"""
FOCUSED = "() => window.courseStops.indexOf(document.activeElement)"
NAMELESS = ("textbox", "spinbutton", "slider", "button", "radio", "checkbox", "combobox", "link", "img", "radiogroup")
LINE = re.compile(r"^\s*- '?(?P<role>" + "|".join(NAMELESS) + r')(?: "(?P<name>[^"]*)")?')
# Of the page's own frame, which is not ours, nothing is asked: only what is in the output.
RULES = ["aria-allowed-attr", "aria-input-field-name", "aria-required-attr", "aria-roles", "aria-toggle-field-name"]
RULES += ["aria-valid-attr-value", "button-name", "duplicate-id-aria", "image-alt", "input-button-name", "label"]
RULES += ["link-name", "list", "listitem", "nested-interactive", "select-name", "summary-name", "td-headers-attr"]


def controls(area: Any) -> list[tuple[str, str]]:
    """Role and name of everything in a place that can be operated, and of pictures, as a screen reader gets them."""
    found = (LINE.match(line) for line in area.aria_snapshot().splitlines())
    return [(one["role"], one["name"] or "") for one in found if one]


def nameless(area: Any) -> list[str]:
    """Roles of what has no name, or one that says no more than the role."""
    return [role for role, name in controls(area) if name.strip().lower() in ("", role, "slider", "picture")]


def stops(page: Any, area: Any, most: int = 40) -> tuple[list[int], int]:
    """The order in which the tabulator comes by what can be operated, until it leaves the place; how many there are."""
    count = area.evaluate(STOPS)
    page.evaluate("() => window.courseStops[0].focus()")
    order = [page.evaluate(FOCUSED)]
    while order[-1] >= 0 and len(order) < most:
        page.keyboard.press("Tab")
        order.append(page.evaluate(FOCUSED))
    return order, count


def nodes(page: Any, place: Any) -> list[tuple[str, str]]:
    """Role and name of all in a place in the accessibility tree, as the browser gives it to a screen reader."""
    place.evaluate("node => { window.courseHeard = node }")
    session = page.context.new_cdp_session(page)
    try:
        root = session.send("Runtime.evaluate", {"expression": "window.courseHeard"})["result"]["objectId"]
        found = session.send("Accessibility.queryAXTree", {"objectId": root})["nodes"]
    finally:
        session.detach()
    heard = (node for node in found if not node.get("ignored"))
    return [tuple(str(node.get(part, {}).get("value", "")) for part in ("role", "name")) for node in heard]


def tree(page: Any, place: Any) -> str:
    """All names and texts of a place in the accessibility tree."""
    return " ".join(" ".join(name for _, name in nodes(page, place)).split())


def axe(page: Any, options: dict[str, Any], place: Any = None) -> list[dict[str, Any]]:
    """The violations that axe-core finds on a page, or in one place on it."""
    from axe_playwright_python.sync_playwright import Axe

    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    if place is None:
        return page.evaluate("options => axe.run(document, options)", options)["violations"]
    return place.evaluate("(area, options) => axe.run(area, options)", options)["violations"]


def told(violations: list[dict[str, Any]]) -> list[str]:
    """Violations in a line each: the rule, how grave, how often, and the first place."""
    return [
        f"{one['id']} ({one['impact']}, {len(one['nodes'])} times): {one['help']}; {one['nodes'][0]['html'][:160]}"
        for one in violations
    ]


def in_output(page: Any, area: Any) -> list[str]:
    """What axe-core's rules for names and roles find in an output."""
    return told(axe(page, {"runOnly": {"type": "rule", "values": RULES}}, area))


def twice(names: list[str]) -> list[str]:
    """What is there more than once."""
    return [name for name, count in Counter(names).items() if count > 1]
