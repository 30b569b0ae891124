MODEL (name mesh.daily, kind INCREMENTAL_BY_TIME_RANGE (time_column made), start '2026-01-01');
SELECT made::date AS made, COUNT(*)::bigint AS orders FROM mesh.orders
WHERE made BETWEEN @start_date AND @end_date GROUP BY made;
