// Links as Teams follows them: its own deep links inside, everything else in a new window.

export interface LinkTargets {
  subPage(page: string | null): void;
  call(target: string): void;
  other(target: string): void;
}

function subEntity(context: string | null): string | null {
  try {
    const value = (JSON.parse(context ?? '{}') as { subEntityId?: unknown }).subEntityId;
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

export function followLink(address: string, targets: LinkTargets): void {
  let url: URL;
  try {
    url = new URL(address, location.href);
  } catch {
    return;
  }
  const teams = url.hostname === 'teams.microsoft.com' || url.hostname === 'teams.cloud.microsoft';
  if (teams && url.pathname.startsWith('/l/entity/')) targets.subPage(subEntity(url.searchParams.get('context')));
  else if (teams && url.pathname.startsWith('/l/call/')) targets.call((url.searchParams.get('users') ?? '').replace(/^4:/, ''));
  else if (teams || url.protocol === 'tel:' || url.protocol === 'mailto:') targets.other(url.href);
  else if (url.protocol === 'https:' || url.protocol === 'http:') window.open(url.href, '_blank', 'noopener');
}
