import Redis

/// The exact sliding window in Redis: all buckets of a request in one round trip, by Redis' own clock, so that every
/// replica gets the same answer.
///
/// A bucket is a list of the milliseconds at which requests were let pass, at most as many as its limit. A request
/// counts in all of its buckets or, when one of them is full, in none.
let limitScript = RedisScript(
    limitScriptSource(
        clock: """
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            """))

/// `clock` sets `now`, in milliseconds.
func limitScriptSource(clock: String) -> String {
    """
    \(clock)

    -- How many entries at the front have left the window: steps grow until one goes too far, then shrink.
    local function outdated(key, edge)
      local function has_left(index)
        local moment = redis.call('LINDEX', key, index)
        return moment and tonumber(moment) <= edge
      end
      local count, step = 0, 1
      while has_left(count + step - 1) do
        count = count + step
        step = step * 2
      end
      while step > 1 do
        step = step / 2
        if has_left(count + step - 1) then count = count + step end
      end
      return count
    end

    local is_allowed = 1
    local used = {}
    for i, key in ipairs(KEYS) do
      local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
      local gone = outdated(key, now - window)
      if gone == 1 then
        redis.call('LPOP', key)
      elseif gone > 1 then
        redis.call('LTRIM', key, gone, -1)
      end
      used[i] = redis.call('LLEN', key)
      if used[i] >= limit then is_allowed = 0 end
    end

    local reply = { is_allowed }
    for i, key in ipairs(KEYS) do
      local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
      if is_allowed == 1 then
        used[i] = redis.call('RPUSH', key, now)
        redis.call('PEXPIRE', key, window)
      end
      local leaving = used[i] > 0 and redis.call('LINDEX', key, math.max(0, used[i] - limit))
      reply[2 * i] = used[i]
      reply[2 * i + 1] = leaving and (leaving + window - now) or 0
    end
    return reply
    """
}
