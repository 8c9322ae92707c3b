/** Calling codes and the region that each stands for; of shared codes the largest one. ITU-T E.164, ISO 3166-1. */
const CODES =
  "1US 7RU 20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39IT 40RO 41CH 43AT 44GB 45DK 46SE 47NO 48PL 49DE 51PE 52MX 53CU " +
  "54AR 55BR 56CL 57CO 58VE 60MY 61AU 62ID 63PH 64NZ 65SG 66TH 81JP 82KR 84VN 86CN 90TR 91IN 92PK 93AF 94LK 95MM 98IR " +
  "212MA 213DZ 216TN 218LY 220GM 221SN 233GH 234NG 251ET 254KE 255TZ 256UG 260ZM 263ZW 264NA 297AW 298FO 299GL 350GI " +
  "351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FI 359BG 370LT 371LV 372EE 373MD 374AM 375BY 376AD 377MC 378SM 380UA " +
  "381RS 382ME 383XK 385HR 386SI 387BA 389MK 420CZ 421SK 423LI 500FK 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 509HT " +
  "591BO 592GY 593EC 595PY 598UY 852HK 853MO 855KH 856LA 880BD 886TW 960MV 961LB 962JO 963SY 964IQ 965KW 966SA 967YE " +
  "968OM 970PS 971AE 972IL 973BH 974QA 975BT 976MN 977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ";

const REGIONS = new Map(
  CODES.split(" ").map((entry) => [entry.replace(/\D+$/, ""), entry.replace(/^\d+/, "")] as const),
);

/** The region of an E.164 number as ISO 3166-1 code; `null` for codes that are no country's. */
export function regionOf(number: string): string | null {
  for (const length of [3, 2, 1]) {
    const region = REGIONS.get(number.slice(1, 1 + length));
    if (region !== undefined) return region;
  }
  return null;
}
