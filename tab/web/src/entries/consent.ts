import { app, authentication } from "@microsoft/teams-js";

/**
 * The window in which Microsoft asks for consent. First it leads to Microsoft; coming back it ends. What comes back is an
 * authorisation code in the fragment, which no server sees and nobody redeems: the consent itself is all that is wanted.
 */
const STATE = "consent-state";

void app
  .initialize()
  .then(() => (location.hash.length > 1 ? comeBack(new URLSearchParams(location.hash.slice(1))) : leave()));

async function leave(): Promise<void> {
  const client = setting("entra-client");
  if (client === "") {
    authentication.notifyFailure("consent_required");
    return;
  }
  const { user } = await app.getContext();
  const state = crypto.randomUUID();
  sessionStorage.setItem(STATE, state);
  const query = new URLSearchParams({
    client_id: client,
    response_type: "code",
    response_mode: "fragment",
    redirect_uri: location.origin + location.pathname,
    scope: `openid profile ${client}/.default`,
    state,
    ...(user?.loginHint !== undefined && { login_hint: user.loginHint }),
  });
  location.assign(
    `${setting("entra-authority")}/${user?.tenant?.id ?? "organizations"}/oauth2/v2.0/authorize?${query}`,
  );
}

function comeBack(answer: URLSearchParams): void {
  const ours = answer.get("state") === sessionStorage.getItem(STATE);
  sessionStorage.removeItem(STATE);
  if (ours && answer.has("code")) authentication.notifySuccess("consented");
  else authentication.notifyFailure(answer.get("error") ?? "CancelledByUser");
}

/** A setting that the service puts into the page; empty where it did not. */
function setting(name: string): string {
  const value = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
  return value.startsWith("__") ? "" : value;
}
