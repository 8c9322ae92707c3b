// A sign-in window with the unmodified teams-js: ends at once with an opaque code.
const { app, authentication } = window.microsoftTeams;
app.initialize().then(() => authentication.notifySuccess('opaque-code'));
