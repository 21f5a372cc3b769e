// Words in the shopper's language. The page says which; texts that people wrote carry their own `lang`.

import en from "./words_en.js";
import hans from "./words_zh_hans.js";
import hant from "./words_zh_hant.js";

const TABLES = { en, "zh-hant": hant, "zh-hans": hans };
const TAGS = { en: "en", "zh-hant": "zh-Hant", "zh-hans": "zh-Hans" };

/** Return `t(key, values)` for a language code of ours; a pair of words is chosen by `values.n`. */
export function words(language) {
  const table = TABLES[language] ?? en;
  return (key, values = {}) => {
    const entry = table[key] ?? en[key] ?? key;
    const text = Array.isArray(entry) ? entry[values.n === 1 ? 0 : 1] : entry;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
}

/** Return the BCP 47 tag for a `lang` attribute. */
export const tagOf = (language) => TAGS[language] ?? language;

/** The language of this page, as one of our codes. */
export function pageLanguage() {
  const tag = document.documentElement.lang.toLowerCase();
  if (!tag.startsWith("zh")) return "en";
  return tag.includes("hans") || tag.endsWith("-cn") ? "zh-hans" : "zh-hant";
}
