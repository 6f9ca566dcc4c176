# A Physics Lens on Deep Learning: `make` alone lists what there is to make.
#
# make lab                    the course in JupyterLab (OPEN=0: start it, see that it answers, stop it)
# make test                   everything that must hold before a change goes in (LESSON=11: what concerns that one)
# make test-colab             every lesson in Colab's world, with Colab's versions (FULL=1: Colab's Python and torch, too)
# make test-python            the unit tests on another Python, newest versions: PYTHON=python3.13 (WITH_TORCH=1: torch too)
# make site                   the lessons as web pages, with glossary, bibliography and reference, into build/site/
# make test-site              the same, and everything that must hold for the pages, also in Chromium
# make print                  lessons, guesses, instructor's notes on A4, into build/print/ (LESSON=11 WHAT=guesses: these)
# make lessons                build all notebooks from lessons/source/ (LESSON=11: that one; DRAFT=1: unfinished; JOBS=1: one at a time)
# make check                  do sources and notebooks agree? (executes nothing)
# make new-lesson             lay out a new lesson: NAME=61_frozen_noise TITLE="Frozen noise"
# make fork                   point all links at your copy: URL=https://github.com/OWNER/NAME
# make bench                  speed and memory beside the peers, into benchmarks/README.md (BENCH=spins: only shown)
# make clean                  remove .venv and everything that can be made again
#
# PYTHON=python3.12 chooses another Python for .venv.

PYTHON ?= python3
OPEN ?= 1
LESSON ?=
DRAFT ?=
WHAT ?=
JOBS ?= 2
WORKERS ?= 2
BENCH ?=
WITH_TORCH ?=
START = lessons/00_start_here.ipynb

# Windows without make: the README has the same lines for pip.
VENV = .venv
PY = $(VENV)/bin/python
PIP = $(PY) -m pip --quiet --quiet --disable-pip-version-check install
BENCH_VENV = .venv-bench
BENCH_PIP = $(BENCH_VENV)/bin/python -m pip --quiet --quiet --disable-pip-version-check install
PEERS = scikit-learn jax mcising peapods dwave-samplers openjij einconv einops linear_operator opt-einsum
BARE_PEERS = curvlinops-for-pytorch hessian-eigenthings==1.0.0a5 pyhessian loss-landscapes
# Colab's world. FULL=1 takes Colab's Python and torch, too: with its CUDA libraries, 5.2 GB.
FULL ?=
COLAB_VENV = .venv-colab$(if $(FULL),-full)
COLAB_PYTHON ?= $(if $(FULL),python3.13,$(PYTHON))
COLAB_LIST = $(COLAB_VENV)/constraints.txt
COLAB_PIP = $(COLAB_VENV)/bin/python -m pip --quiet --quiet --disable-pip-version-check install -c $(COLAB_LIST)
COLAB_NEEDS = torch ipywidgets notebook matplotlib scipy numba joblib tqdm psutil pytest hypothesis
# The lessons are run as a learner would: no progress bars in the outputs, no traces in the learner's home.
AS_LEARNER = COURSE_SEED=0 TQDM_DISABLE=1 OMP_NUM_THREADS=1

# What the user gives reaches the shell through the environment, whatever signs are in it.
export NAME TITLE URL

.DEFAULT_GOAL := help
.PHONY: help environments lab test lint unit notebooks solved browser test-python test-colab site test-site print lessons check new-lesson fork bench clean

help:
	@sed -n 's/^# \(make [a-z-]* *\)/  \1/p' Makefile

$(PY):
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "There is no $(PYTHON) here. Install Python 3.11 or newer from https://www.python.org/downloads/, or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Stamps: what is installed is installed, until the list of what is needed changes.
$(VENV)/lab-is-ready: pyproject.toml constraints.txt | $(PY)
	@echo "Installing the course and JupyterLab into $(VENV) (a few minutes the first time) ..."
	@$(PIP) -c constraints.txt -e '.[lab]'
	@touch $@

$(VENV)/dev-is-ready: $(VENV)/lab-is-ready
	@echo "Installing what the tests need ..."
	@$(PIP) -c constraints.txt -e '.[lab,dev]'
	@touch $@

lab: $(VENV)/lab-is-ready
ifeq ($(OPEN),0)
	@$(PY) tools/try_server.py $(START)
else
	@root=; [ "`id -u`" != 0 ] || root=--allow-root; \
	  exec $(PY) -m jupyterlab $$root --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/$(START)
endif

ifeq ($(LESSON),)
test: lint unit notebooks solved browser
	@echo "--- `date +%T` all tests passed"
else
test: $(VENV)/dev-is-ready
	$(PY) tools/lessons.py test $(LESSON)
	@echo "--- `date +%T` all tests of lesson $(LESSON) passed; before you commit: make test"
endif

# What the tests and Colab's world need; with -j2 side by side. What the site needs comes after the tests, which do without.
environments: $(VENV)/dev-is-ready $(COLAB_VENV)/colab-is-ready

lint: $(VENV)/dev-is-ready
	@echo "--- `date +%T` lint, types, contracts"
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m mypy --ignore-missing-imports --no-warn-unused-ignores benchmarks/*.py
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" lint-imports

unit: $(VENV)/dev-is-ready
	@echo "--- `date +%T` unit tests, doctests, committed notebooks"
	$(PY) -m pytest -q -n $(WORKERS) -m "not browser and not lesson and not colab and not site" course_utils tests

# The last lessons take longest, so they begin: no worker then waits long for the other.
notebooks: $(VENV)/dev-is-ready
	@echo "--- `date +%T` every lesson runs, and prints what it printed (nbval)"
	home=`mktemp -d` && { COURSE_HOME="$$home" $(AS_LEARNER) $(PY) -m pytest -q -n $(WORKERS) --dist loadfile \
	  --no-loadscope-reorder --nbval-lax --nbval-current-env --nbval-cell-timeout=120 -o addopts= \
	  -o filterwarnings=default `ls -r lessons/*.ipynb`; code=$$?; \
	  rm -rf "$$home"; exit $$code; }

solved: $(VENV)/dev-is-ready
	@echo "--- `date +%T` every lesson with its exercises solved, on other seeds"
	$(PY) -m pytest -q -n $(WORKERS) -m lesson tests/test_binder_memory.py tests/test_lessons.py

# Each front end on a worker of its own. Without chromium these tests skip, and say so in stars; with CI=true they fail.
browser: $(VENV)/dev-is-ready
	@echo "--- `date +%T` real front ends in headless Chromium"
	$(PY) -m pytest -q -n $(WORKERS) --dist loadgroup -m browser tests/test_front_ends.py tests/test_front_ends_panels.py tests/test_no_widgets.py

$(VENV)/site-is-ready: $(VENV)/dev-is-ready
	@echo "Installing what the site needs ..."
	@$(PIP) -c constraints.txt -e '.[lab,dev,site]' || { \
	  echo "What the site needs could not be fetched from PyPI. Once it is installed, make site works without a network." >&2; exit 1; }
	@touch $@

# From the committed notebooks, without executing anything and without a network. Warnings are errors.
site: $(VENV)/site-is-ready
	@echo "--- `date +%T` the site"
	$(PY) tools/site_build.py

test-site: site
	@echo "--- `date +%T` every page of the site: links, pictures, formulas, search, a phone, paper"
	$(PY) -m pytest -q -n $(WORKERS) -m site tests/test_site.py tests/test_site_seen.py tests/test_site_print.py \
	  tests/test_accessibility.py

# Through Chromium. WHAT is lesson, guesses (what the lesson asks before it measures) or notes; without it, all three.
print: site
	$(PY) tools/site_print.py $(LESSON) $(WHAT)

# FULL=1 has torch 2.11.0, which is Colab's, with the setuptools that Colab has beside it.
$(COLAB_VENV)/colab-is-ready: constraints-colab.txt | $(PY)
	@command -v $(COLAB_PYTHON) >/dev/null 2>&1 || { echo "There is no $(COLAB_PYTHON) here; name yours: make test-colab COLAB_PYTHON=..." >&2; exit 1; }
	@echo "Installing Colab's versions into $(COLAB_VENV) (two minutes and 1.6 GB; with FULL=1, 5.2 GB) ..."
	@rm -rf $(COLAB_VENV) && $(COLAB_PYTHON) -m venv $(COLAB_VENV)
	@sed -e '' $(if $(FULL),-e 's/^torch==.*/torch==2.11.0/' -e 's/^setuptools==.*/setuptools==75.2.0/') constraints-colab.txt >$(COLAB_LIST)
	@$(COLAB_PIP) pip setuptools
	@$(COLAB_PIP) $(COLAB_NEEDS)
	@touch $@

test-colab: $(VENV)/dev-is-ready $(COLAB_VENV)/colab-is-ready
	@echo "--- `date +%T` every lesson in Colab's world ($(COLAB_VENV))"
	COURSE_COLAB_VENV=$(COLAB_VENV) $(PY) -m pytest -q -n $(WORKERS) -m colab tests/test_colab.py

# In a folder of its own, .venv-3.13 for instance. On Linux PyPI's torch for it brings several gigabytes of GPU libraries,
# so without WITH_TORCH=1 the tests that need torch are named and left out. The small build, where there is one:
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu WITH_TORCH=1 make test-python PYTHON=python3.13
test-python:
	@$(PYTHON) -c 'import sys' 2>/dev/null || { \
	  echo "There is no $(PYTHON) here. Install it, or name another: make test-python PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version 2>&1`." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) comes without venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@WITH_TORCH="$(WITH_TORCH)" WORKERS="$(WORKERS)" $(PYTHON) tools/try_python.py

lessons: $(VENV)/dev-is-ready
	$(PY) tools/lessons.py build $(LESSON) --jobs $(JOBS) $(if $(DRAFT),--draft)

check: $(VENV)/dev-is-ready
	@$(PY) tools/lessons.py check $(LESSON)

new-lesson: $(VENV)/dev-is-ready
	@[ -n "$$NAME" ] && [ -n "$$TITLE" ] || { echo 'Say which: make new-lesson NAME=61_frozen_noise TITLE="Frozen noise"' >&2; exit 2; }
	@$(PY) tools/lessons.py new "$$NAME" "$$TITLE"

fork: $(VENV)/dev-is-ready
	@[ -n "$$URL" ] || { echo 'Say where your copy is: make fork URL=https://github.com/OWNER/NAME' >&2; exit 2; }
	@$(PY) tools/lessons.py fork "$$URL"

# In a folder of their own: what the lessons use stays as it is. The last four would bring torchvision along, which they
# do not need here. A peer that cannot be installed is left out, and the report says so.
$(BENCH_VENV)/bench-is-ready: pyproject.toml constraints.txt | $(PY)
	@echo "Installing the course and its peers into $(BENCH_VENV) (a few minutes the first time) ..."
	@$(PY) -m venv $(BENCH_VENV)
	@$(BENCH_PIP) -c constraints.txt -e '.[bench]' || { echo "Not all peers can be installed; one by one:"; \
	  $(BENCH_PIP) -c constraints.txt -e . && for peer in $(PEERS); do \
	    $(BENCH_PIP) -c constraints.txt $$peer || echo "$$peer is left out"; done; }
	@for peer in $(BARE_PEERS); do $(BENCH_PIP) --no-deps $$peer || echo "$$peer is left out"; done
	@touch $@

bench: $(BENCH_VENV)/bench-is-ready
	$(BENCH_VENV)/bin/python benchmarks/run.py $(BENCH) $(if $(BENCH),,--write)

clean:
	rm -rf $(VENV) $(BENCH_VENV) .venv-colab .venv-colab-full .venv-3.* build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-output
	find . -name .git -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -prune -exec rm -rf {} +
