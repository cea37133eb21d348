-- A new stamp under each name. KEYS: the names. ARGV: the stamp, seconds until it is forgotten. All at once, so that
-- nobody sees half of a change.
for _, name in ipairs(KEYS) do redis.call('SET', name, ARGV[1], 'EX', ARGV[2]) end
