# One image for every job: `docker run IMAGE jobs.daily --help`. Debian's Python and Chromium, so that security updates
# come from one place. Plain Dockerfile syntax: the builder without BuildKit makes it, too.
#
#   docker build --target app  --tag simplify .        what production runs
#   docker build --target demo --tag simplify-demo .   portal simulator, PostgreSQL and mail sink for compose and tests
ARG BASE_IMAGE=debian:trixie-slim

FROM ${BASE_IMAGE} AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends binutils python3-venv \
    && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv
COPY requirements.lock /tmp/
# The lock is complete: nothing is resolved, so that what is published later changes nothing.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r /tmp/requirements.lock \
    && /opt/venv/bin/pip check \
    && /opt/venv/bin/pip uninstall --yes --quiet pip
# 60 MB that no job reads: symbols, sources of extensions, a viewer of traces, suites of tests. Libraries in *.libs were
# patched when their wheel was made and are left alone.
RUN cd /opt/venv/lib/python3*/site-packages \
    && strip playwright/driver/node \
    && find . -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
    && find . -type f -regex '.*\.\(c\|h\|pyx\|pxd\|po\)' -delete \
    && rm -rf playwright/driver/package/lib/vite playwright/driver/package/types sqlalchemy/testing alembic/testing

FROM ${BASE_IMAGE} AS app
# The browser draws no 3D, has no window and no keyboard, and speaks English: 300 MB of drivers for graphics cards,
# debugging aids, pictures for windows, keyboard tables and languages. An upgrade inside the image leaves them out, too.
RUN printf 'path-exclude %s\n' '/usr/lib/*/libLLVM*' '/usr/lib/*/libz3.so*' '/usr/lib/*/libgallium-*' \
    '/usr/lib/chromium/libVk*' '/usr/lib/chromium/libvulkan*' '/usr/lib/chromium/*swiftshader*' \
    '/usr/lib/chromium/resources.pak' '/usr/lib/chromium/chrome_?00_percent.pak' '/usr/lib/chromium/locales/*' \
    '/usr/share/X11/*' '/usr/share/fonts/*/DejaVuSerif*' \
    '/usr/share/perl/*' '/usr/lib/*/perl/*' '/usr/lib/*/libperl.so*' \
    >/etc/dpkg/dpkg.cfg.d/simplify \
    && echo 'path-include /usr/lib/chromium/locales/en-US.pak' >>/etc/dpkg/dpkg.cfg.d/simplify
# A drill restores a backup with pg_restore, which needs none of the Perl that Debian's wrapper for it brings: 47 MB.
# What `demo/setup.sh` installs for Pango and Playwright's driver, the browser that it drives, and a font for each script
# of India that the reports' own lacks: a customer's name in it would print as nothing.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates chromium-headless-shell fonts-dejavu-core \
    fonts-lohit-beng-bengali fonts-lohit-gujr fonts-lohit-guru fonts-lohit-knda fonts-lohit-mlym fonts-lohit-orya \
    fonts-lohit-taml fonts-lohit-telu libatomic1 libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 postgresql-client python3 tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
    && groupadd --gid 10001 simplify \
    && useradd --uid 10001 --gid simplify --home-dir /tmp --no-create-home --shell /usr/sbin/nologin simplify \
    && install -d -o simplify -g simplify -m 0750 /var/lib/simplify /var/lib/simplify/data /var/lib/simplify/logs \
    /var/lib/simplify/profiles /var/lib/simplify/reports /var/lib/simplify/returns
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY alembic.ini ./
COPY alembic alembic
COPY lib lib
COPY jobs jobs
RUN /opt/venv/bin/python -m compileall -q alembic lib jobs

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/var/lib/simplify/data \
    LOGS_DIR=/var/lib/simplify/logs \
    PROFILES_DIR=/var/lib/simplify/profiles \
    REPORTS_ROOT=/var/lib/simplify/reports
USER 10001:10001
# A one-shot has no health to poll: `jobs.db_check` is the question, its exit code the answer.
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="simplify-pipelines" \
    org.opencontainers.image.description="The jobs that a chain of laundry stores wakes up to" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"

FROM build AS demo-build
COPY requirements-demo.lock /tmp/
RUN python3 -m venv /opt/demo \
    && /opt/demo/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r /tmp/requirements-demo.lock \
    && /opt/demo/bin/pip check

FROM app AS demo
COPY --from=demo-build /opt/demo /opt/demo
ENV PATH=/opt/demo/bin:/usr/local/bin:/usr/bin:/bin
COPY demo demo
USER 0
RUN install -d -o simplify -g simplify -m 0750 /stage
USER 10001:10001
