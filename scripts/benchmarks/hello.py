"""Baseline of HTTP figures: the smallest FastAPI application, on the product's server."""

from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/")
async def hello() -> dict[str, str]:
    return {"message": "hello"}
