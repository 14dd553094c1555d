// The server's time against the phone's clock. What is recorded by a clock that is wrong is corrected by the difference.
const APART = 120000; // ms
let ahead = 0; // of the server, against the phone

export function hear(at) {
  const moment = Date.parse(at);
  if (!Number.isNaN(moment)) ahead = moment - Date.now();
}

export const apart = () => (Math.abs(ahead) > APART ? ahead : 0);
export const now = () => Date.now() + apart();
export const stamp = () => new Date(now()).toISOString();
