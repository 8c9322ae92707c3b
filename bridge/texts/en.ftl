# Sentences both faces use. error-<code> follows the codes of the HTTP contract.
error-bad_request = This request is not of the form the service understands. Nothing was done.
error-unauthenticated = Teams could not prove who you are. Close the app in Teams and open it again.
error-signed_out = You are not signed in to STARFACE.
error-signed_out-never = Please sign in to STARFACE first.
error-signed_out-expired = Your STARFACE sign-in has ended because its time was up. Please sign in again.
error-signed_out-revoked = You are signed out of STARFACE. Sign in again when you need it.
error-signed_out-rejected = STARFACE no longer accepts this sign-in; perhaps your password was changed. Please sign in again.
error-pbx_credentials_rejected = STARFACE did not accept this login and password. Please check both; the login is often a number such as 0001.
error-tenant_unknown = Your organisation has not been set up for this service yet. Ask a Teams administrator to add your STARFACE.
error-not_admin = Only a Teams administrator of your organisation can do this.
error-pbx_permission = STARFACE says that you do not have the right or licence for this. Ask the administrator of the phone system.
error-not_offered = Your STARFACE does not offer this function.
error-not_found = This is no longer there.
error-busy = STARFACE cannot place the call just now, perhaps because another one is being set up. Try again in a moment.
error-pbx_address_forbidden = This address cannot be used for a phone system: the service may not connect to it.
error-too_many_attempts = Too many attempts. Please wait { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
} and try again.
error-pbx_unreachable = STARFACE cannot be reached. The phone system or the connection to it may be down; try again shortly.
error-pbx_protocol = Something answered at the address of your STARFACE, but not as a phone system should. Tell your administrator.
error-unavailable = The service is briefly unavailable. Nothing is lost; please try again.
error-pbx_timeout = STARFACE did not answer in time. Please check whether it happened before you try again.
error-title-bad_request = Not understood
error-title-unauthenticated = Not recognised
error-title-signed_out = Sign-in needed
error-title-pbx_credentials_rejected = Sign-in refused
error-title-tenant_unknown = Not set up yet
error-title-not_admin = Administrators only
error-title-pbx_permission = No permission
error-title-not_offered = Not offered
error-title-not_found = Not found
error-title-busy = Busy
error-title-pbx_address_forbidden = Address not allowed
error-title-too_many_attempts = Please wait
error-title-pbx_unreachable = STARFACE not reachable
error-title-pbx_protocol = Unexpected answer
error-title-unavailable = Briefly unavailable
error-title-pbx_timeout = No answer in time
notice-pbx_lost = The connection to STARFACE is interrupted. We keep trying; you stay signed in.
notice-pbx_back = STARFACE can be reached again.
notice-resume_offer = You were about to call { $number }. Shall we continue?
notice-push = Your STARFACE now tells us about calls at once.
notice-poll = Your STARFACE cannot tell us about calls by itself; we ask it regularly. Changes may show a moment later.
notice-reconnect = The service is being updated. The connection comes back by itself.
notice-unavailable = The service is briefly unavailable. What you see may be out of date.
check-name-pass = The name leads to { $fact ->
    [1] one address
   *[other] { $fact } addresses
}.
check-name-fail = The name cannot be resolved. Check its spelling and whether it is known outside your network.
check-address-pass = The address may be used.
check-address-fail = The service may not connect to this address.
check-connection-pass = A connection can be made.
check-connection-fail = No connection can be made. Check the port and the firewall.
check-tls-pass = The connection is encrypted.
check-tls-warn = The connection is not encrypted: everybody on the way could read passwords. Use TLS if you can.
check-tls-fail = No encrypted connection can be made. Check the port and whether TLS is switched on there.
check-certificate-pass = The certificate is valid for another { $fact } days.
check-certificate-warn = The certificate ends in { $fact } days. Renew it in time.
check-certificate-fail = The certificate is not trusted, does not fit the name, has ended, or is not the pinned one.
check-starface-pass = It answers as a STARFACE does.
check-starface-fail = What answers there is not a STARFACE interface.
check-clock-pass = The clock of the phone system is right.
check-clock-warn = The clock of the phone system is { $fact } seconds off. Times in lists may be wrong.
check-version-pass = STARFACE version { $fact }.
check-version-warn = The version shows only at the first sign-in.
check-rest-pass = The REST interface answers.
check-rest-warn = The REST interface does not answer; address book and voicemail may be missing.
