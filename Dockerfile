# One image for migrate, web, worker and beat. An exact tag; who wants the same bytes for ever writes its digest behind it:
#   docker buildx imagetools inspect python:3.11.14-slim-trixie
ARG BASE=python:3.11.14-slim-trixie

# The packages, in a virtual environment that the image below takes whole: pip and its cache stay here.
# hadolint ignore=DL3006
FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-otel.txt /tmp/
RUN /opt/venv/bin/pip install --only-binary=:all: -r /tmp/requirements.txt -r /tmp/requirements-otel.txt \
    && /opt/venv/bin/pip uninstall --yes pip setuptools

# hadolint ignore=DL3006
FROM ${BASE}
# ffprobe and ffmpeg look at media; pg_dump and pg_restore (17, as the server of docker-compose.yml) make and put back
# backups. No versions: Debian keeps only the newest security fix of a release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ffmpeg postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home capcut \
    && install -d -o capcut -m 0700 /state /backups
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATE_DIR=/state TMPDIR=/state HOST=0.0.0.0
WORKDIR /srv/capcut
COPY manage.py ./
COPY capcut_site capcut_site
COPY drafts drafts
COPY templates templates
RUN SECRET_KEY=only-for-this-step STATE_DIR=/tmp/build python manage.py collectstatic --noinput \
    && python -m compileall -q manage.py capcut_site drafts \
    && rm -rf /tmp/build

USER 10001
VOLUME /state
EXPOSE 30000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD ["python", "-c", "import os; from urllib.request import urlopen; urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\") or 30000}/readyz', timeout=5)"]
CMD ["python", "-m", "capcut_site.web"]
