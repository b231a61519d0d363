"""The tables of a store's ledger. Statements that change nothing where a table is there already."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles(
    id TEXT PRIMARY KEY, key TEXT NOT NULL, source TEXT NOT NULL, title TEXT, outlet TEXT, published TEXT, url TEXT,
    text TEXT NOT NULL, found TEXT NOT NULL, dropped TEXT NOT NULL, sentences TEXT NOT NULL, state TEXT NOT NULL,
    added TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS origins(
    key TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles(id), source TEXT NOT NULL, url TEXT);
CREATE INDEX IF NOT EXISTS origins_article ON origins(article_id);
CREATE INDEX IF NOT EXISTS articles_state ON articles(state, id);
CREATE TABLE IF NOT EXISTS former_origins(
    article_id TEXT NOT NULL REFERENCES articles(id), key TEXT NOT NULL, source TEXT NOT NULL, url TEXT,
    PRIMARY KEY(article_id, key));
CREATE TABLE IF NOT EXISTS chunks(
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_article ON chunks(article_id);
CREATE TABLE IF NOT EXISTS vectors(hash TEXT, fingerprint TEXT, vector BLOB NOT NULL, PRIMARY KEY(hash, fingerprint));
CREATE TABLE IF NOT EXISTS issued(
    article_id TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, quote TEXT NOT NULL,
    first_issued TEXT NOT NULL, before TEXT, after TEXT, PRIMARY KEY(article_id, start, end));
CREATE TABLE IF NOT EXISTS stories(
    number INTEGER PRIMARY KEY AUTOINCREMENT, article_id TEXT NOT NULL UNIQUE REFERENCES articles(id),
    head TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS stories_head ON stories(head);
CREATE TABLE IF NOT EXISTS minhashes(value INTEGER, number INTEGER, PRIMARY KEY(value, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes(
    at TEXT NOT NULL, item TEXT NOT NULL, result TEXT NOT NULL, article_id TEXT, reason TEXT);
CREATE INDEX IF NOT EXISTS outcomes_told ON outcomes(at, result, article_id) WHERE result <> 'unchanged';
CREATE TABLE IF NOT EXISTS unsynced(since TEXT NOT NULL, what TEXT NOT NULL);
"""
