"""Citations in a lesson's text become links; nothing else does."""

import pytest

from reference_links import linked


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("(2009), doi:10.1017/CBO97805.", "(2009), [doi:10.1017/CBO97805](https://doi.org/10.1017/CBO97805)."),
        ("doi:10.1016/S0031(40)98-2. M", "[doi:10.1016/S0031(40)98-2](https://doi.org/10.1016/S0031%2840%2998-2). M"),
        (
            "doi:10.1093/acprof:oso/97801.001.",
            "[doi:10.1093/acprof:oso/97801.001](https://doi.org/10.1093/acprof:oso/97801.001).",
        ),
        ("see arXiv:1912.05671, too", "see [arXiv:1912.05671](https://arxiv.org/abs/1912.05671), too"),
        ("(arXiv:cond-mat/0111037)", "([arXiv:cond-mat/0111037](https://arxiv.org/abs/cond-mat/0111037))"),
    ],
)
def test_a_citation_becomes_a_link(text, made):
    assert linked(text) == made
    assert linked(made) == made


@pytest.mark.parametrize(
    "text",
    [
        "`arXiv:1912.05671` is a number",
        "[a paper](https://arxiv.org/abs/1912.05671)",
        "https://doi.org/10.1007/BF02980577",
        "a doi: 10 of them",
        "before\n\n```python\nx = 'doi:10.1007/BF02980577'\n```\n\nafter",
    ],
)
def test_code_links_and_prose_stay_as_they_are(text):
    assert linked(text) == text
