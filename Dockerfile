FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 STATE_DIR=/state HOST=0.0.0.0
WORKDIR /srv/capcut

COPY requirements.txt .
RUN pip install --only-binary=:all: -r requirements.txt

COPY manage.py .
COPY capcut_site capcut_site
COPY drafts drafts
COPY templates templates
RUN SECRET_KEY=only-for-this-step python manage.py collectstatic --noinput \
    && useradd --system --uid 1000 capcut \
    && install -d -o capcut /state

USER capcut
EXPOSE 30000
CMD ["python", "-m", "capcut_site.web"]
