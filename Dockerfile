# The same steps as scripts/run, in two stages: what builds is not in what runs.
FROM python:3.13-slim AS build
WORKDIR /shuttle
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
COPY requirements.lock pyproject.toml ./
COPY scripts ./scripts
RUN scripts/environment requirements.lock
COPY shuttle ./shuttle
RUN .venv/bin/python scripts/build-assets && rm -rf scripts/assets/node_modules && .venv/bin/python -m compileall -q shuttle

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data shuttle && install -d -o shuttle -g shuttle /data
WORKDIR /shuttle
COPY --from=build /shuttle/.venv ./.venv
COPY --from=build /shuttle/shuttle ./shuttle
COPY schedules ./schedules
ENV PYTHONPATH=/shuttle PYTHONUNBUFFERED=1 SHUTTLE_DATA_DIR=/data SHUTTLE_HOST=0.0.0.0 SHUTTLE_PORT=8000
USER shuttle
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/shuttle/.venv/bin/python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["/shuttle/.venv/bin/python", "-m", "shuttle"]
CMD ["serve"]
