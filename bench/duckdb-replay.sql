-- The peer of `npm run bench -- replay`: the same findings as a careful user of DuckDB would get them
-- from the same file ($FILE, native NDJSON) without us. One thread on one core, as we have; a database
-- file; timed to the end of the checkpoint. It is let off a good deal: no alarms (a raise is a
-- transition of the line), no late events, no order among equal times, no rejects, no repeat faults,
-- and every start that satisfies a rule where we keep episodes with their ends.
set threads = 1;
set preserve_insertion_order = false;

-- Read once; only the three fields that matter.
create temp table event as
  select line, "time" as at_ms, state = 'down' as is_down
  from read_ndjson('$FILE', columns = {line: 'VARCHAR', "time": 'BIGINT', state: 'VARCHAR'});

-- Numbers for names: four bytes a row in everything that follows.
create table line as
  select (row_number() over ())::integer as line_id, line
  from (select distinct line from event);

-- A transition is an event whose state is not its line's last one; an interruption reaches from a
-- transition to down up to the line's next transition (end_ms null: still down).
create table interruption as
  with transition as (
    select line_id, at_ms, is_down
    from event join line using (line)
    window by_line as (partition by line_id order by at_ms)
    qualify is_down is distinct from lag(is_down) over by_line
  ),
  stretch as (
    select line_id, is_down, at_ms as start_ms,
      lead(at_ms) over (partition by line_id order by at_ms) as end_ms
    from transition
  )
  select line_id, start_ms, end_ms from stretch where is_down;

-- Starts that satisfy 4 in 10m or 5 in 1h.
create table flap as
  select line_id, start_ms,
    start_ms - lag(start_ms, 3) over by_line as four_ms,
    start_ms - lag(start_ms, 4) over by_line as five_ms
  from interruption
  window by_line as (partition by line_id order by start_ms)
  qualify four_ms <= 600000 or five_ms <= 3600000;

checkpoint;
