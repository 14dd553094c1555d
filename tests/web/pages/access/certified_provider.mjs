// oidc-provider, which the OpenID Foundation has certified, as a process of its own: it shares no code with the program.
//   node certified_provider.mjs PATH/package.json    a package beside which oidc-provider is installed
// Says its issuer first. Each line on standard input is a JSON {client, methods, people} that it goes by from then on,
// with new keys; it says "ready" when it does. It ends when its input does.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

console.info = console.error; // what the package has to say is not an answer
const found = createRequire(process.argv[2]).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found).href);

/** Its own forms take any password; how strong a sign-in was is told by who signs in. */
class Certified extends Provider {
  people = {};

  interactionFinished(request, response, result, options) {
    if (result.login) result.login.acr = this.people[result.login.accountId]?.acr;
    return super.interactionFinished(request, response, result, options);
  }
}

const key = (type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), use: "sig" });

function provider(issuer, { client, methods, people }) {
  const made = new Certified(issuer, {
    acrValues: [...new Set(Object.values(people).map((person) => person.acr))],
    claims: { openid: ["sub", "oid", "pid", "name", "groups"] },
    clientAuthMethods: methods,
    clients: [client],
    conformIdTokenClaims: false, // as Entra ID and ID-porten do: what is known of somebody stands in the identity token
    cookies: { keys: ["of the cookies"] },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
    findAccount: (_, id) => {
      const { acr, ...claims } = people[id] ?? {};
      return acr && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
    jwks: { keys: [key("ec", { namedCurve: "P-256" }), key("rsa", { modulusLength: 2048 })] },
    pkce: { required: () => true },
  });
  made.people = people;
  return made.callback();
}

let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://localhost:${server.address().port}`;
  console.log(issuer);
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      answer = provider(issuer, JSON.parse(line));
      console.log("ready");
    })
    .on("close", () => process.exit());
});
