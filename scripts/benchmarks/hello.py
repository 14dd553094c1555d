"""The baseline of every figure about HTTP: the smallest FastAPI application, served as the product is."""

from fastapi import FastAPI

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/")
async def hello() -> dict[str, str]:
    return {"message": "hello"}
