// Tabs by the ARIA pattern: arrow keys move, only the chosen one is in the tab order.

/** Wire the tabs of a `role=tablist`; `choose(tab)` is called for the one that was picked. */
export function wireTabs(list, choose) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const pick = (tab) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    choose(tab);
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) pick(tab);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length];
    next.focus();
    pick(next);
  });
}
