#!/bin/sh
# Makes the database and its two roles; the image of PostgreSQL runs it once, when the volume is new.
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" \
    --dbname="${POSTGRES_DB:-postgres}" \
    --set=owner_password="$POSTGRES_OWNER_PASSWORD" --set=bot_password="$POSTGRES_BOT_PASSWORD" <<'SQL'
CREATE ROLE mentorbot_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE mentorbot LOGIN PASSWORD :'bot_password';
CREATE DATABASE mentorbot OWNER mentorbot_owner;
SQL
