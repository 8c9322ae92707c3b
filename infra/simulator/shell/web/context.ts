// What a Teams host tells a tab about itself and the person: the runtime and the flat context of the host protocol.
import type { Choices, Client, ShellConfig } from './config.ts';

export type FrameContext = 'content' | 'task' | 'authentication';

const CLIENT_TYPES: Readonly<Record<Client, string>> = { web: 'web', desktop: 'desktop', mobile: 'android' };

export function clientType(client: Client): string {
  return CLIENT_TYPES[client];
}

/** The capabilities of this host; what is missing here is "not supported" to the tab. */
export function runtime(): string {
  return JSON.stringify({
    apiVersion: 4,
    isLegacyTeams: false,
    isNAAChannelRecommended: false,
    hostVersionsInfo: { adaptiveCardSchemaVersion: { majorVersion: 1, minorVersion: 5 } },
    supports: {
      app: {},
      call: {},
      chat: {},
      clipboard: {},
      dialog: { url: { bot: {}, parentCommunication: {} }, update: {} },
      pages: { tabs: {}, backStack: {} },
      people: {},
    },
  });
}

const session = crypto.randomUUID();

/** The context in the flat shape that the library turns into `app`, `page`, `user` and so on. */
export function flatContext(config: ShellConfig, choices: Choices, frame: FrameContext): Record<string, unknown> {
  return {
    appId: config.appId,
    appSessionId: session,
    sessionId: session,
    entityId: config.entityId,
    ...(choices.subPage === null ? {} : { subEntityId: choices.subPage }),
    frameContext: frame,
    locale: choices.locale,
    theme: choices.theme,
    hostName: 'Teams',
    hostClientType: clientType(choices.client),
    userObjectId: choices.user.id,
    tid: choices.user.tenantId,
    loginHint: choices.user.principalName,
    userPrincipalName: choices.user.principalName,
    userLicenseType: 'Unknown',
    ringId: 'general',
    isFullScreen: false,
    isMultiWindow: false,
  };
}
