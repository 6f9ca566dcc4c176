"""Citations that can be clicked: a DOI or an arXiv number in a lesson's text becomes a link to the work."""

import re
from urllib.parse import quote

# A DOI may hold brackets in pairs; a full stop or comma after it ends the sentence, not the DOI.
DOI = r"doi:(?P<doi>10\.\d{4,9}/(?:\([^\s()]*\)|[^\s()\[\]{}<>\"'`,;|*])*(?:\([^\s()]*\)|[^\s()\[\]{}<>\"'`,;.|*]))"
ARXIV = r"arXiv:(?P<arxiv>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
# Code, links and addresses come first, so that they stay as they are.
CITATION = re.compile(
    rf"^(?P<fence>```+|~~~+).*?^(?P=fence)[ \t]*$|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\)|https?://\S+|{DOI}|{ARXIV}",
    flags=re.DOTALL | re.MULTILINE,
)


def linked(markdown: str) -> str:
    """Return the text with a link on every DOI and every arXiv number; code and links are left alone.

    >>> linked("E. Ising (1925), doi:10.1007/BF02980577.")
    'E. Ising (1925), [doi:10.1007/BF02980577](https://doi.org/10.1007/BF02980577).'
    """

    def link(match: re.Match[str]) -> str:
        if match["doi"]:
            return f"[{match[0]}](https://doi.org/{quote(match['doi'], safe='/:')})"
        return f"[{match[0]}](https://arxiv.org/abs/{match['arxiv']})" if match["arxiv"] else match[0]

    return CITATION.sub(link, markdown)
