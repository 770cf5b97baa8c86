/* Afterclick tracker, Apache-2.0 */
var c=typeof window=="undefined"?void 0:window,r=()=>{c.afterclick||(c.afterclick=(...e)=>{(c.afterclick.q=c.afterclick.q||[]).push(e)})},a=(...e)=>{c&&(r(),c.afterclick(
...e))},f=e=>{if(c&&!(c.afterclick&&(c.afterclick.loading||c.afterclick.site))){r(),c.afterclick.loading=!0;let t=document.createElement("script");t.async=!0,e.
nonce&&(t.nonce=e.nonce);let n={site:e.site,endpoint:e.endpoint,consent:e.consent,spa:e.spa===!1?"off":void 0};for(let i in n)n[i]&&t.setAttribute("data-"+i,n[i]);
t.src=e.src,document.head.appendChild(t)}return a};export{a as afterclick,f as load};
