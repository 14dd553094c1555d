// Inconsistencies in the counts of a departure, from the phone's tallies. `domain/ridership/boardings.py` states the same rules.

// calls: stop ids in order; counts: stop -> {boardings, alightings}, without entry where not recorded; seats: null where unknown.
export function questionsOf(calls, counts, seats) {
  const last = calls.length - 1;
  let load = 0;
  const loads = calls.map((stop, at) => {
    if (counts[stop] && calls.indexOf(stop) === at) load += counts[stop].boardings;
    if (counts[stop] && calls.lastIndexOf(stop) === at) load -= counts[stop].alightings ?? 0;
    return load;
  });
  const missing = calls.findIndex((stop, at) => at < last && !counts[stop]);
  const lastCounted = missing < 0 ? last : missing;
  const above = seats === null ? -1 : loads.findIndex((here) => here > seats);
  const below = loads.findIndex((here, at) => here < 0 && at <= lastCounted);
  const alightingsCounted = (counts[calls[last]]?.alightings ?? null) !== null;
  const questions = [];
  const ask = (question, at) => questions.push({ question, stop: calls[at], on_board: loads[at] });
  if (above >= 0) ask("above_seats", above);
  if (below >= 0) ask("below_zero", below);
  if (alightingsCounted && loads[last] > 0) ask("not_empty_at_end", last);
  return questions;
}
