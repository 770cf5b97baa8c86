/* Afterclick tracker, Apache-2.0 */
"use strict";(()=>{(()=>{let r=window,c=document,d=navigator,C=location,Z=864e5,L=30,T="_ac_q",o=c.currentScript,O=r.afterclick;if(!o||O&&O.site)return;let g=e=>o.getAttribute("da\
ta-"+e),I=g("site")||(/[?&]site=([^&#]*)/.exec(o.src)||[])[1],S=o.ac&&(!I||I==o.ac.site)?o.ac:{},P=I||S.site,x=g("endpoint")||o.src.replace(/[^\/]*([?#].*)?$/,"\
e"),R=g("consent")||S.consent,$=R=="wait",y=[],f=[],u,q="",E="",N,b,D=0,z=0,U=1,B=0,M=c.referrer,V=[],p=e=>function(...t){try{return e.apply(this,t)}catch(n){}},
l=(e,t,n)=>e.addEventListener(t,p(n),!0),F=()=>{let e=r.crypto||{};if(e.randomUUID)return e.randomUUID();let t=e.getRandomValues&&e.getRandomValues(new Uint8Array(
16)),n="",s=16;for(;s--;)n+=(256+(t?t[s]:Math.random()*256|0)).toString(16).slice(1);return n},K=()=>!!u&&u.analytics_storage=="denied",X=()=>{let e=t=>t.filter(
n=>Date.now()-n.time<Z);try{return e(JSON.parse(localStorage.getItem(T))||f)}catch(t){return e(f)}},_=(e,t)=>{let n=e.map(s=>s.event_id);f=X().filter(s=>!n.includes(
s.event_id)),t&&(f=f.concat(e).slice(-L));try{f.length&&!K()?localStorage.setItem(T,JSON.stringify(f)):localStorage.removeItem(T)}catch(s){}},Y=(e,t)=>{D=0,_(e,
t),t?setTimeout(G,Math.min(6e4,1e3*2**B++)):m(B=0)},G=()=>{U=1,m()},m=p(e=>{if(clearTimeout(N),N=0,$||D&&!e)return;U&&(y=X().concat(y)),U=0;let t=[],n=0;for(;y.
length&&n<2e4;){let i=y.shift();i.sent_at=Date.now(),i.consent||(i.consent=u),n+=JSON.stringify(i).length,t.push(i)}if(!t.length)return;let s=JSON.stringify({events:t}).
replace(/\\ud[89a-f]../gi,"\\ufffd");e&&_(t,1),(e||!r.fetch)&&d.sendBeacon&&d.onLine!==!1&&d.sendBeacon(x,s)?_(t):r.fetch?(D=1,r.fetch(x,{method:"POST",body:s,credentials:"\
include",keepalive:n<2e4,headers:{"Content-Type":"text/plain"}}).then(i=>Y(t,i.status>499||i.status==429),()=>Y(t,1))):d.onLine!==!1&&(t.forEach(i=>{new Image().
src=x.replace(/[^\/]*$/,"p?")+Object.keys(i).filter(v=>i[v]!=null).map(v=>v+"="+encodeURIComponent(typeof i[v]=="object"?JSON.stringify(i[v]):i[v])).join("&")}),
_(t)),y.length&&m(e)}),a=(e,t)=>{let n={type:e,site:P,event_id:F(),time:Date.now(),url:C.href.slice(0,2048),referrer:M.slice(0,2048),title:c.title.slice(0,170),
language:d.language,screen:screen.width+"x"+screen.height,user_id:q||void 0};d.globalPrivacyControl&&(n.gpc=1);for(let s in t)t[s]!=null&&(n[s]=t[s]);typeof n.value==
"number"&&(n.value=""+ +n.value.toFixed(6)),y.push(JSON.parse(JSON.stringify(n))),N=N||setTimeout(m,50)},h=(e,t)=>{let n={};return t.split(" ").forEach(s=>{n[s]=
(e||{})[s]}),n},H=()=>C.href.replace(/#(?![!\/]).*|[?&]_ac_x=[^&#]*/g,""),k=()=>{E=H(),a("page")},j=()=>{E&&E!=H()&&(M=E,k())},J="event_id value currency order_\
id items new_customer props ",w={page:k,conversion:e=>a("conversion",h(e,J+"goal")),purchase:e=>a("conversion",h(e,J)),refund:e=>a("refund",h(e,J+"refund_id")),
event:(e,t,n)=>a("event",{...h(n,J),name:e,props:t}),exposure:e=>a("exposure",h(e,"experiment variant")),identify:e=>{q=""+e,a("identify")},consent:e=>{u={...u,
...JSON.parse(JSON.stringify(h(e,"ad_storage analytics_storage ad_user_data ad_personalization")))},$=!1,_([]),a("consent",{consent:u,tc:e.tc})}};"view cart che\
ckout signup newsletter form download".split(" ").forEach(e=>{w[e]=t=>w.event(e,(t||{}).props,t)});let Q=()=>{b||(b=c.createElement("script"),b.src=g("extension")||
o.src.replace(/(-[0-9a-f]{8})?(\.js)?([?#].*)?$/,"-x93a5b282$2"),c.head.appendChild(b))},A=e=>{if(w.hasOwnProperty(e[0]))return w[e[0]](...e.slice(1));!z&&V.push(
e)<L&&Q()};r.afterclick=p((...e)=>A(e)),r.afterclick.site=P||1,r.afterclick.core={config:S,me:o,commands:w,hit:a,pick:h,on:l,id:F,denied:K,endpoint:x,ready:()=>{
z=1,V.forEach(p(A))}};let W=()=>{k(),(O&&O.q||[]).forEach(p(e=>A([...e])))};p(()=>{(R=="denied"||S.dnt&&d.doNotTrack=="1")&&(u={analytics_storage:"denied"}),g("\
spa")!="off"&&(["pushState","replaceState"].forEach(e=>{let t=history[e];history[e]=function(...n){let s=t.apply(this,n);return p(j)(),s}}),l(r,"popstate",j),l(
r,"hashchange",j)),l(r,"online",G),l(r,"pagehide",()=>m(1)),l(c,"visibilitychange",()=>{c.visibilityState=="hidden"&&m(1)}),l(r,"pageshow",e=>{e.persisted&&k()}),
c.prerendering?l(c,"prerenderingchange",W):W(),(S.extension||g("goal-on-return"))&&Q()})()})();})();
