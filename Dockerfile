# CI has no Docker and never builds it; tests/test_containers.py holds it to the Procfile. One image for web, worker and beat (compose.yaml), and for all in one (compose.demo.yaml).
FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN useradd --system wearlink && install -d -o wearlink /data && DATABASE_URL=postgresql:///none PLAIN_STATIC=0 SECRET_KEY=only-to-collect-static-files \
    python manage.py collectstatic --no-input --skip-checks
USER wearlink
EXPOSE 8000
ENV DATA=/tmp/wearlink
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "128", \
     "--backpressure", "2048", "--http1-header-read-timeout", "20000", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10", "wearlink.wsgi:application"]
