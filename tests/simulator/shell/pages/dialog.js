// A dialog page with the unmodified teams-js: submits a result.
const { app, dialog } = window.microsoftTeams;
app.initialize().then(async () => {
  const context = await app.getContext();
  document.getElementById('frame').textContent = context.page.frameContext;
  app.notifySuccess();
  document.getElementById('done').addEventListener('click', () => dialog.url.submit({ chosen: 42 }));
});
