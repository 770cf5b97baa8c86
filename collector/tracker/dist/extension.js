/* Afterclick tracker, Apache-2.0 */
"use strict";(()=>{(()=>{let r=window,a=document,h=location,d=r.afterclick&&r.afterclick.core;if(!d||r.afterclick.extended)return;r.afterclick.extended=1;let{config:m,commands:i,hit:O,
on:l,me:W}=d,z=m.consent_from||[],E=(e,t)=>e.target instanceof Element&&e.target.closest(t),k=m.goals||[],p=(e,t,n)=>O("event",{name:t,goal:e.name,props:n}),C=(e,t)=>e==
"*"||e.split(/[\s,]+/).some(t);l(a,"submit",e=>k.forEach(t=>{t.form&&e.target.matches(t.form)&&p(t,"form",{form:e.target.id||e.target.name||t.form})}));let q=/\.(pdf|zip|gz|7z|rar|dmg|exe|msi|apk|docx?|xlsx?|pptx?|csv|epub|mp3|mp4|mov|avi|wav)$/i,
D=e=>{let t=E(e,"a[href]");if(!t||!/^https?:/.test(t.protocol))return;let n=t.pathname;k.forEach(o=>{o.download&&(o.download=="*"?q.test(n):C(o.download,c=>n.toLowerCase().
endsWith("."+c)))&&p(o,"download",{file:n}),o.outbound&&t.hostname!=h.hostname&&!(m.link_hosts||[]).includes(t.hostname)&&C(o.outbound,c=>("."+t.hostname).endsWith(
"."+c))&&p(o,"outbound",{host:t.hostname})})};l(a,"click",D),l(a,"auxclick",e=>e.button==1&&D(e));let w=k.filter(e=>e.scroll),M=()=>{let e=a.documentElement,t=100*
(r.scrollY+r.innerHeight)/Math.max(1,e.scrollHeight);for(let n=w.length;n--;)t+1>=w[n].scroll&&p(w.splice(n,1)[0],"scroll",{percent:Math.min(100,Math.round(t))})};
w.length&&(l(a,"scroll",M),a.readyState=="complete"?M():l(r,"load",M));let f=k.filter(e=>e.time_on_site),T="_ac_t",g=0,x=0,y=()=>{let e=Date.now();x&&(g+=e-x),x=
a.visibilityState=="visible"?e:0;let t=f.length;for(let o=t;o--;)g>=f[o].time_on_site&&p(f.splice(o,1)[0],"time_on_site");try{d.denied()||sessionStorage.setItem(
T,g+" "+f.map(o=>o.name).join(`
`))}catch(o){}let n=Math.min(...f.map(o=>o.time_on_site-g));x&&f.length&&setTimeout(y,Math.max(50,n))};if(f.length){try{let[,e,t]=/^(\d+) ([^]*)$/.exec(sessionStorage.
getItem(T));g=+e;for(let n=f.length;n--;)t.split(`
`).includes(f[n].name)||f.splice(n,1)}catch(e){}l(a,"visibilitychange",y),l(r,"pagehide",y),y()}let U="_ac_m",Y=86400,B=10,P=()=>{let e=new RegExp("(?:^|; )"+U+
"=([^;]*)").exec(a.cookie);return e?e[1].split("~").map(t=>t.split("!")):[]},$=e=>{a.cookie=U+"="+e.slice(-B).map(t=>t.join("!")).join("~")+";path=/;SameSite=La\
x;max-age="+(e.length?Y:0)+(h.protocol=="https:"?";Secure":"")};i.mark=e=>{let t=encodeURIComponent(e).replace(/[!~]/g,escape);d.denied()||$(P().filter(n=>n[0]!=
t).concat([[t,d.id()]]))},i.returned=e=>{let t=encodeURIComponent(e.goal).replace(/[!~]/g,escape),n=P(),o=n.filter(c=>c[0]==t)[0];o&&($(n.filter(c=>c!=o)),i.conversion(
{...e,event_id:o[1]}))};let R=e=>l(a,e,t=>{let n=E(t,"[data-goal-mark]");n&&e=="click"!=(n.tagName=="FORM")&&i.mark(n.getAttribute("data-goal-mark"))});R("click"),
R("focusin"),R("submit");let j=()=>[W,...a.querySelectorAll("[data-goal-on-return]")].forEach(e=>{let t=n=>e.getAttribute("data-"+n);t("goal-on-return")&&i.returned(
{goal:t("goal-on-return"),value:t("value")||void 0,currency:t("currency")||void 0,order_id:t("order-id")||void 0})});if(a.readyState=="loading"?l(a,"DOMContentL\
oaded",j):j(),z.includes("consent_mode")){let e={},t=!1,n=s=>{if(!s||s[0]!="consent"||!s[2])return;let u=d.pick(s[2],"ad_storage analytics_storage ad_user_data \
ad_personalization");for(let _ in u)u[_]&&!(s[2].region&&u[_]=="granted")&&(e[_]=u[_]);let b=s[1]=="default"&&+s[2].wait_for_update;b?setTimeout(()=>t||(t=!0,i.
consent(e)),b):(t=!0,i.consent(e))},o=r.dataLayer=r.dataLayer||[],c=o.push;o.push=function(...s){let u=c.apply(this,s);return s.forEach(b=>{try{n(b)}catch(_){}}),
u};let v=[...o].filter(s=>s&&s[0]=="consent"),I=v.some(s=>s[1]=="update"),J=i.consent,N=0;i.consent=()=>{N++},v.forEach(s=>n(I?[s[0],s[1],{...s[2],wait_for_update:0}]:
s)),i.consent=J,N&&i.consent(e)}if(z.includes("tcf")){let e=t=>{if(!r.__tcfapi){t&&setTimeout(e,200,t-1);return}r.__tcfapi("addEventListener",2,(n,o)=>{if(!o||!/^(tcloaded|useractioncomplete)$/.
test(n.eventStatus))return;let c=(...v)=>n.gdprApplies===!1||v.every(I=>n.purpose&&n.purpose.consents&&n.purpose.consents[I])?"granted":"denied";i.consent({ad_storage:c(
1),analytics_storage:c(1,8),ad_user_data:c(1,7),ad_personalization:c(1,3,4),tc:n.gdprApplies===!1?void 0:n.tcString})})};e(50)}let K=m.link_hosts||[],L="",A=0,S=!1,
F=e=>/^https?:/.test(e.protocol)&&e.hostname!=h.hostname&&K.includes(e.hostname),H=()=>{S||d.denied()||Date.now()-A<6e4||(S=!0,fetch(d.endpoint.replace(/[^\/]*$/,
"x")+"?site="+encodeURIComponent(m.site),{credentials:"include"}).then(e=>e.status==200?e.text():"").then(e=>{L=e,A=e&&Date.now(),S=!1},()=>{S=!1}))},G=e=>{let t=E(
e,"a[href]");if(!t||!F(t))return;H();let n=new URL(t.href);d.denied()||!L||Date.now()-A>12e4?n.searchParams.delete("_ac_x"):n.searchParams.set("_ac_x",L),n.href!=
t.href&&(t.href=n.href)};if(K.length){if(["pointerover","focusin","touchstart","mousedown","click","auxclick"].forEach(t=>l(a,t,G)),/[?&]_ac_x=/.test(h.search)){
let t=new URL(h.href);t.searchParams.delete("_ac_x"),history.replaceState(history.state,"",t.href)}let e=()=>{[...a.links].some(F)&&setTimeout(H,500)};a.readyState==
"complete"?e():l(r,"load",e)}d.ready()})();})();
