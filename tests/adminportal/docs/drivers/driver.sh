# Sourced before the curl samples: a curl that also writes down what came.
curl() {
    command curl -sS -D "$OUT/head" "$@" >"$OUT/part"
    local code=$?
    awk '/^HTTP\//{status = $2} END{print status}' "$OUT/head" >>"$OUT/$SAMPLE.statuses"
    cp "$OUT/part" "$OUT/$SAMPLE.body"
    cat "$OUT/part"
    return "$code"
}

# A field of the last answer, by a path such as data.0.id
field() {
    "$PYTHON" -c '
import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)' "$OUT/$SAMPLE.body" "$1"
}

# Whether the last answer has a field with this word
says() {
    grep -q "\"$1\": *\"$2\"" "$OUT/$SAMPLE.body"
}
