/// The only place that speaks to Redis.
enum RedisModule {}
