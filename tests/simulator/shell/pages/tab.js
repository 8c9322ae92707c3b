// A tab with the unmodified teams-js: it shows what the host answers.
const { app, authentication, call, dialog } = window.microsoftTeams;
const show = (id, value) => {
  document.getElementById(id).textContent = typeof value === 'string' ? value : JSON.stringify(value);
};
const on = (id, act) => document.getElementById(id).addEventListener('click', act);

async function start() {
  await app.initialize();
  const context = await app.getContext();
  show('context', context);
  show('theme', context.app.theme);
  document.body.dataset.theme = context.app.theme;
  app.registerOnThemeChangeHandler((theme) => {
    show('theme', theme);
    document.body.dataset.theme = theme;
  });
  show('supports', { dialog: dialog.url.isSupported(), call: call.isSupported() });
  show('state', 'ready');
  app.notifyAppLoaded();
  app.notifySuccess();
}

on('get-token', async () => {
  try {
    show('token', await authentication.getAuthToken());
  } catch (error) {
    show('token', `refused: ${error.message}`);
  }
});
on('open-dialog', () => {
  dialog.url.open({ url: `${location.origin}/tab/dialog.html`, title: 'A dialog', size: { width: 420, height: 260 } }, (answer) =>
    show('dialog', answer),
  );
});
on('sign-in', async () => {
  try {
    show('signin', await authentication.authenticate({ url: `${location.origin}/tab/signin.html`, width: 400, height: 300 }));
  } catch (error) {
    show('signin', `refused: ${error.message}`);
  }
});
on('start-call', async () => {
  await call.startCall({ targets: ['4:+4972112345'] });
  show('call', 'started');
});
on('open-link', () => {
  const context = encodeURIComponent(JSON.stringify({ subEntityId: 'settings' }));
  app.openLink(`https://teams.microsoft.com/l/entity/app/telephone?context=${context}`);
});
start().catch((error) => show('state', `failed: ${error.message}`));
