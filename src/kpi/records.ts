// The operator's records as the KPIs read them: lines with valid time, planned marks.

/** Lines: the columns of line_row, and (record_id, from_ms, to_ms); to_ms is never null. */
export const LINE_RECORDS = `
  select rowid as record_id, * exclude (valid_from_ms, valid_to_ms), valid_from_ms as from_ms,
    coalesce(valid_to_ms, ${Number.MAX_SAFE_INTEGER}) as to_ms
  from line_row`;

/** Tickets in force, with the names that their line had when they were opened, or closed. */
export function tickets(at: 'opened_ms' | 'closed_ms'): string {
  return `
    select t.*, coalesce(s.branch, '') as branch, coalesce(s.product, '') as product,
      coalesce(s.customer, '') as customer, s.key_customer, s.a_branch, s.z_branch, s.circuit_type
    from ticket_row t left join kpi_span s on s.line = t.line
      and t.${at} >= s.from_ms and t.${at} < s.to_ms
    where t.valid_to_ms is null`;
}
