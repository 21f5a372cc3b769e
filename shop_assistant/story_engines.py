"""The story's own corner of the engines that settings name: a database, a Redis, indices; removed afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit, urlunsplit

import httpx

REDIS_DATABASES = range(15, 0, -1)


class NoRoom(Exception):
    """An engine has no room for the story; the message says why."""


@contextmanager
def own_engines(
    *, database_url: str, redis_url: str, elasticsearch_url: str = "", elasticsearch_api_key: str = ""
) -> Iterator[dict[str, str]]:
    """Yield the environment to run the story in; an engine that is not named is left out.

    The shop's own data are not touched. Raises: NoRoom.
    """
    with ExitStack() as stack:
        urls = {}
        if database_url:
            urls["DATABASE_URL"] = stack.enter_context(_own_database(database_url))
        if redis_url:
            urls["REDIS_URL"] = stack.enter_context(_own_redis(redis_url))
        if elasticsearch_url:
            prefix = stack.enter_context(_own_indices(elasticsearch_url, elasticsearch_api_key))
            urls["ELASTICSEARCH_INDEX_PREFIX"] = prefix
        yield urls


@contextmanager
def _own_database(url: str) -> Iterator[str]:
    import psycopg  # only where PostgreSQL is used
    from psycopg import sql

    address = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    name = f"story_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(address, autocommit=True)
    except psycopg.OperationalError as error:
        raise NoRoom(f"DATABASE_URL does not answer: {error}") from error
    with connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _own_redis(url: str) -> Iterator[str]:
    import redis  # only where Redis is used

    def is_empty(candidate: str) -> bool:
        with redis.Redis.from_url(candidate) as client:
            return int(client.dbsize()) == 0

    candidates = (urlunsplit(urlsplit(url)._replace(path=f"/{number}")) for number in REDIS_DATABASES)
    try:
        mine = next((candidate for candidate in candidates if is_empty(candidate)), None)
    except redis.RedisError as error:
        raise NoRoom(f"REDIS_URL does not answer: {error}") from error
    if mine is None:
        raise NoRoom("REDIS_URL: none of the databases 1 to 15 is empty; the story needs one for itself.")
    try:
        yield mine
    finally:
        with redis.Redis.from_url(mine) as client:
            client.flushdb()


@contextmanager
def _own_indices(url: str, api_key: str) -> Iterator[str]:
    prefix = f"story-{uuid.uuid4().hex[:12]}"
    headers = {"Authorization": f"ApiKey {api_key}"} if api_key else {}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as http:
        try:
            http.get("/_cluster/health").raise_for_status()
        except httpx.HTTPError as error:
            raise NoRoom(f"ELASTICSEARCH_URL does not answer: {error}") from error
        try:
            yield prefix
        finally:
            mine = http.get(f"/{prefix}-*", params={"features": "aliases"}).raise_for_status().json()
            for index in mine:  # by name: a pattern is refused where deletion has to be explicit
                http.delete(f"/{index}").raise_for_status()
