# Sätze für beide Gesichter. error-<code> folgt den Codes des HTTP-Vertrags.
error-bad_request = Diese Anfrage hat nicht die Form, die der Dienst versteht. Es wurde nichts ausgeführt.
error-unauthenticated = Teams konnte nicht bestätigen, wer Sie sind. Schließen Sie die App in Teams und öffnen Sie sie erneut.
error-signed_out = Sie sind nicht an STARFACE angemeldet.
error-signed_out-never = Bitte melden Sie sich zuerst an STARFACE an.
error-signed_out-expired = Ihre STARFACE-Anmeldung ist nach Ablauf ihrer Zeit beendet. Bitte melden Sie sich erneut an.
error-signed_out-revoked = Sie sind von STARFACE abgemeldet. Melden Sie sich wieder an, wenn Sie es brauchen.
error-signed_out-rejected = STARFACE akzeptiert diese Anmeldung nicht mehr; vielleicht wurde Ihr Passwort geändert. Bitte melden Sie sich erneut an.
error-pbx_credentials_rejected = STARFACE hat Login und Passwort nicht akzeptiert. Bitte prüfen Sie beides; der Login ist oft eine Nummer wie 0001.
error-tenant_unknown = Ihre Organisation ist für diesen Dienst noch nicht eingerichtet. Bitten Sie eine Teams-Administratorin oder einen Teams-Administrator, Ihre STARFACE einzutragen.
error-not_admin = Das darf nur eine Teams-Administratorin oder ein Teams-Administrator Ihrer Organisation.
error-pbx_permission = STARFACE meldet, dass Ihnen dafür das Recht oder die Lizenz fehlt. Wenden Sie sich an die Administration der Telefonanlage.
error-not_offered = Ihre STARFACE bietet diese Funktion nicht an.
error-not_found = Das gibt es nicht mehr.
error-busy = STARFACE kann den Anruf gerade nicht aufbauen, vielleicht weil schon einer aufgebaut wird. Versuchen Sie es gleich noch einmal.
error-pbx_address_forbidden = Diese Adresse kann nicht für eine Telefonanlage verwendet werden: Der Dienst darf sich nicht mit ihr verbinden.
error-too_many_attempts = Zu viele Versuche. Bitte warten Sie { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
} und versuchen Sie es dann noch einmal.
error-pbx_unreachable = STARFACE ist nicht erreichbar. Vielleicht ist die Telefonanlage oder die Verbindung zu ihr gestört; versuchen Sie es in Kürze noch einmal.
error-pbx_protocol = Unter der Adresse Ihrer STARFACE antwortet etwas, aber nicht so, wie eine Telefonanlage es sollte. Sagen Sie es bitte Ihrer Administration.
error-unavailable = Der Dienst ist kurz nicht verfügbar. Es ging nichts verloren; bitte versuchen Sie es noch einmal.
error-pbx_timeout = STARFACE hat nicht rechtzeitig geantwortet. Bitte prüfen Sie, ob es ausgeführt wurde, bevor Sie es noch einmal versuchen.
error-title-bad_request = Nicht verstanden
error-title-unauthenticated = Nicht erkannt
error-title-signed_out = Anmeldung nötig
error-title-pbx_credentials_rejected = Anmeldung abgelehnt
error-title-tenant_unknown = Noch nicht eingerichtet
error-title-not_admin = Nur für die Administration
error-title-pbx_permission = Keine Berechtigung
error-title-not_offered = Nicht angeboten
error-title-not_found = Nicht gefunden
error-title-busy = Besetzt
error-title-pbx_address_forbidden = Adresse nicht erlaubt
error-title-too_many_attempts = Bitte warten
error-title-pbx_unreachable = STARFACE nicht erreichbar
error-title-pbx_protocol = Unerwartete Antwort
error-title-unavailable = Kurz nicht verfügbar
error-title-pbx_timeout = Keine rechtzeitige Antwort
notice-pbx_lost = Die Verbindung zu STARFACE ist unterbrochen. Wir versuchen es weiter; Sie bleiben angemeldet.
notice-pbx_back = STARFACE ist wieder erreichbar.
notice-resume_offer = Sie wollten gerade { $number } anrufen. Sollen wir weitermachen?
notice-push = Ihre STARFACE meldet uns Anrufe jetzt sofort.
notice-poll = Ihre STARFACE kann uns Anrufe nicht von sich aus melden; wir fragen regelmäßig nach. Änderungen erscheinen eventuell einen Moment später.
notice-reconnect = Der Dienst wird aktualisiert. Die Verbindung kommt von selbst zurück.
notice-unavailable = Der Dienst ist kurz nicht verfügbar. Was Sie sehen, ist vielleicht nicht aktuell.
check-name-pass = Der Name führt zu { $fact ->
    [1] einer Adresse
   *[other] { $fact } Adressen
}.
check-name-fail = Der Name lässt sich nicht auflösen. Prüfen Sie die Schreibweise und ob er außerhalb Ihres Netzes bekannt ist.
check-address-pass = Die Adresse darf verwendet werden.
check-address-fail = Der Dienst darf sich nicht mit dieser Adresse verbinden.
check-connection-pass = Eine Verbindung kommt zustande.
check-connection-fail = Es kommt keine Verbindung zustande. Prüfen Sie Port und Firewall.
check-tls-pass = Die Verbindung ist verschlüsselt.
check-tls-warn = Die Verbindung ist nicht verschlüsselt: Unterwegs könnten Passwörter mitgelesen werden. Verwenden Sie TLS, wenn es geht.
check-tls-fail = Es kommt keine verschlüsselte Verbindung zustande. Prüfen Sie den Port und ob dort TLS eingeschaltet ist.
check-certificate-pass = Das Zertifikat ist noch { $fact } Tage gültig.
check-certificate-warn = Das Zertifikat läuft in { $fact } Tagen ab. Erneuern Sie es rechtzeitig.
check-certificate-fail = Das Zertifikat ist nicht vertrauenswürdig, passt nicht zum Namen, ist abgelaufen oder ist nicht das angeheftete.
check-starface-pass = Es antwortet wie eine STARFACE.
check-starface-fail = Was dort antwortet, ist keine STARFACE-Schnittstelle.
check-clock-pass = Die Uhr der Telefonanlage geht richtig.
check-clock-warn = Die Uhr der Telefonanlage geht um { $fact } Sekunden falsch. Zeiten in Listen stimmen vielleicht nicht.
check-version-pass = STARFACE-Version { $fact }.
check-version-warn = Die Version zeigt sich erst bei der ersten Anmeldung.
check-rest-pass = Die REST-Schnittstelle antwortet.
check-rest-warn = Die REST-Schnittstelle antwortet nicht; Adressbuch und Voicemail fehlen vielleicht.
