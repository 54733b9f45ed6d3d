import {Failure} from 'clinvk-kit/failure'

/** Refuses a tag that could not be typed again: empty, with spaces at its ends, control characters or commas. */
export function checkTag(tag: string): void {
  if (/^[^\s,-][^\p{Cc},]{0,49}$/u.test(tag) && tag.trim() === tag) return
  throw new Failure('usage', `${JSON.stringify(tag)} is no tag.`, [
    'A tag is up to 50 characters on one line, without commas, and does not begin with -.',
  ])
}
