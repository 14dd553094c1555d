# The same steps as scripts/run, in two stages: what builds is not in what runs.
FROM python:3.13-slim AS build
WORKDIR /shuttle
COPY requirements.lock ./
COPY scripts/environment ./scripts/
RUN scripts/environment requirements.lock
# The assets are built with the Node.js that scripts/assets/requirements.lock pins, in an environment that stays behind.
COPY scripts/build-assets ./scripts/
COPY scripts/assets ./scripts/assets
RUN python -m venv /assets && /assets/bin/python scripts/build-assets
COPY shuttle ./shuttle
COPY schedules ./schedules
# Readable by all, whatever umask the checkout was made under.
RUN .venv/bin/python -m compileall -q shuttle && chmod -R a+rX shuttle schedules

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin shuttle && install -d -o shuttle -g shuttle /data
WORKDIR /shuttle
COPY --from=build /shuttle/.venv ./.venv
COPY --from=build /shuttle/shuttle ./shuttle
COPY --from=build /shuttle/schedules ./schedules
ENV PATH=/shuttle/.venv/bin:$PATH PYTHONPATH=/shuttle PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SHUTTLE_DATA_DIR=/data SHUTTLE_HOST=0.0.0.0 SHUTTLE_PORT=8000
USER shuttle
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "shuttle"]
CMD ["serve"]
