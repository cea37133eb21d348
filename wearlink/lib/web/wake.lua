-- Leaves a mark for whoever waits for these names, or comes within half a minute. One mark a name is enough: who finds
-- it looks for everything there is.
for _, name in ipairs(KEYS) do
    if redis.call("LLEN", name) == 0 then
        redis.call("RPUSH", name, 1)
    end
    redis.call("EXPIRE", name, 30)
end
return 0
