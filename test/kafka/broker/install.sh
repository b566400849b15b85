#!/usr/bin/env bash
# Copies Apache Kafka, as pom.xml names it, into the cache folder of the tests (44 MB): once, and again
# when pom.xml has changed. The folder: $FLAPLINE_KAFKA, else ~/.cache/flapline/kafka. Needs Maven.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
folder=${FLAPLINE_KAFKA:-$HOME/.cache/flapline/kafka}

if cmp -s pom.xml "$folder/pom.xml"; then
  echo "Kafka is in $folder"
  exit
fi
part=$folder.part.$$
trap 'rm -rf "$part"' EXIT
mkdir -p "$part"
mvn --quiet --batch-mode dependency:copy-dependencies -DincludeScope=runtime \
  -DoutputDirectory="$part"
cp pom.xml "$part/"
rm -rf "$folder"
mv "$part" "$folder"
echo "Kafka copied into $folder"
