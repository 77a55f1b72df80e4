import { expect, type Locator, type Page } from '@playwright/test'

const FAR = 80

/** Whether one sees where the keyboard is: the element itself, or what is drawn for it, has an outline. */
function focusIsSeen(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const at = document.activeElement
    if (at === null || at === document.body) return true
    // In a grid it is the cell that the grid names.
    const cell = document.getElementById(at.getAttribute('aria-activedescendant') ?? '')
    const drawn = [at, at.nextElementSibling, cell].filter((each) => each !== null)
    // Where text is written, the caret shows it.
    if (at.matches('dialog input')) return true
    return drawn.some((each) => getComputedStyle(each).outlineStyle !== 'none')
  })
}

/** Presses Tab until `target` has the focus. On the way, the focus must be seen at every stop. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < FAR; stop += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
    expect(await focusIsSeen(page), await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))).toBe(
      true,
    )
  }
  throw new Error(`Tab does not lead to ${target}`)
}
