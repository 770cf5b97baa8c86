/* Afterclick dashboard, Apache-2.0; with uPlot, MIT, Copyright (c) 2022 Leon Sorokin */
(()=>{var Y=e=>document.getElementById(e);function L(e,t={},...o){let l=document.createElement(e);for(let[i,r]of Object.entries(t))if(!(r==null||r===!1))if(i==="on")for(let[
f,h]of Object.entries(r))l.addEventListener(f,h);else l.setAttribute(i,r===!0?"":r);return l.append(...o.filter(i=>i!=null&&i!=="")),l}var Tt=e=>L("bdi",{},e);function Ie(e,...t){
e.classList.remove("busy"),e.replaceChildren(...t)}function Zt(e,t,o){return L("div",{class:"scroll",role:"region",tabindex:"0","aria-label":e},L("table",{},L("\
caption",{},e),L("thead",{},L("tr",{},...t)),L("tbody",{},...o)))}var de=(e,t={})=>L("th",{scope:"col",...t},e),Ce=(e,t={})=>L("td",t,e);var _o=e=>new Intl.NumberFormat(void 0,{maximumFractionDigits:e,minimumFractionDigits:e}),zs=_o(0),Fs=_o(1),vo=_o(2),Et=e=>e!=null&&Number.isFinite(e),Ee=e=>Et(
e)?(Number.isInteger(e)?zs:e<100?vo:Fs).format(e):"\u2013",Ye=e=>Et(e)?(Math.abs(e)>=1e4?zs:vo).format(e):"\u2013",An=e=>Et(e)?vo.format(e):"\u2013",wt=e=>Et(e)?
Fs.format(100*e)+" %":"\u2013",Ln=e=>Et(e)?(e>0?"+":"")+wt(e):"\u2013",Hs=e=>e===0?"0":new Intl.NumberFormat(void 0,{notation:"compact",maximumSignificantDigits:3}).
format(e),bo=e=>new Date(e+"T00:00:00Z"),Wt=e=>bo(e).toLocaleDateString(void 0,{day:"numeric",month:"short",year:"numeric",timeZone:"UTC"}),xo=(e,t)=>new Date(bo(
e).getTime()+t*864e5).toISOString().slice(0,10),Ws=e=>bo(e).getTime()/1e3;function ko(e){let t=Math.max(0,Math.round(e/1e3));return t<90?`${t} s`:t<5400?`${Math.
round(t/60)} min`:t<129600?`${Math.round(t/3600)} h`:`${Math.round(t/86400)} days`}var To=[["visits","Visits",Ee],["conversions","Conversions",Ee],["net_revenue","Net revenue",Ye],["cost","Spend",Ye],["roas","ROAS",An],["roi","ROI",wt],["cpa",
"CPA",Ye]],uc=["visits","conversions","net_revenue","cost","margin_revenue"],Dn=[],Gs=null,fl=null,rn="net_revenue",zl=!0,ul="",It=new Set;function sn(e){let t={};
for(let o of uc)t[o]=e.some(l=>l[o]===null)?null:e.reduce((l,i)=>l+i[o],0);return Us(t)}function Us(e){return e.roas=e.cost?e.net_revenue/e.cost:null,e.roi=e.cost?
(e.margin_revenue-e.cost)/e.cost:null,e.cpa=e.conversions&&e.cost!==null?e.cost/e.conversions:null,e}function Is(e,t,o){let l=new Map;for(let i of e)l.set(i[t],
[...l.get(i[t])||[],i]);return[...l].map(([i,r])=>o(i,r))}function Bs(e){fl=e;let t=e.rows.map(l=>{let i=Object.fromEntries(e.columns.map((r,f)=>[r,l[f]]));return i.
margin_revenue=i.net_revenue*i.margin,i}),o=l=>({title:l.campaign,id:JSON.stringify([l.channel,l.source,l.medium,l.campaign]),more:l.medium,text:`${l.channel} ${l.
source} ${l.medium} ${l.campaign}`.toLowerCase(),...Us(l)});Dn=Is(t,"channel",(l,i)=>({title:l,id:JSON.stringify([l]),...sn(i),children:Is(i,"source",(r,f)=>({title:r,
id:JSON.stringify([l,r]),...sn(f),children:f.map(o)}))})),Gs=sn(t),cn()}var Ys=(e,t)=>{let[o,l]=[e[rn],t[rn]];return typeof o=="string"?(zl?-1:1)*o.localeCompare(
l):o===l?e.title.localeCompare(t.title):o==null?1:l==null?-1:zl?l-o:o-l};function js(e){if(!ul)return e;if(!e.children)return e.text.includes(ul)?e:null;let t=e.
children.map(js).filter(Boolean);return t.length?{...e,...sn(t),children:t}:null}var qs=e=>To.map(([t,,o])=>Ce(o(e[t])));function Ks(e,t,o){let l=ul!==""||It.has(
e.id),i=e.children?L("button",{type:"button","aria-expanded":String(l),"data-id":e.id,on:{click:()=>hc(e.id)}},Tt(e.title)):Tt(e.title);if(o.push(L("tr",{class:`\
l${t}`},L("th",{scope:"row"},i,e.more?L("small",{},Tt(e.more)):""),...qs(e))),e.children&&l)for(let r of[...e.children].sort(Ys))Ks(r,t+1,o)}function hc(e){It.has(
e)?It.delete(e):It.add(e),cn(e)}function pc(e){rn===e?zl=!zl:(rn=e,zl=e!=="title"),cn(null,e)}function cn(e,t){let o=Y("campaigns"),l=[],i=Dn.map(js).filter(Boolean),
r=o.firstChild?.scrollLeft||0;for(let d of[...i].sort(Ys))Ks(d,1,l);let f=d=>d.children?d.children.reduce((w,C)=>w+f(C),0):1,h=i.reduce((d,w)=>d+f(w),0),p=Dn.reduce(
(d,w)=>d+f(w),0),g=fl.rows.length?fl.rows[0][fl.columns.indexOf("all_rows")]-fl.rows.length:0;if(Y("campaigns-note").replaceChildren(ul?`${Ee(h)} of ${Ee(p)} ca\
mpaigns match.`:`${Ee(p)} campaigns`+(g>0?`; ${Ee(g)} smaller ones are only in the CSV.`:".")),!p){Ie(o,L("p",{class:"empty"},"No visits, conversions or costs i\
n these days."));return}let _=[["title","Channel, source, campaign"],...To].map(([d,w])=>de(L("button",{type:"button","data-key":d,on:{click:()=>pc(d)}},w),{"ar\
ia-sort":rn===d?zl?"descending":"ascending":null}));l.length?l.push(L("tr",{class:"foot"},L("th",{scope:"row"},ul?"Found":"Total"),...qs(ul?sn(i):Gs))):l.push(L(
"tr",{},L("td",{class:"text",colspan:To.length+1},"Nothing matches."))),Ie(o,Zt("Channels, sources and campaigns",_,l)),o.firstChild.scrollLeft=r,t&&o.querySelector(
`[data-key=${t}]`).focus(),e&&[...o.querySelectorAll("tbody button")].find(d=>d.dataset.id===e)?.focus(),Y("unfold").textContent=It.size?"Fold all":"Unfold all"}
function Js(){Y("search").addEventListener("input",e=>{ul=e.target.value.trim().toLowerCase(),fl&&cn()}),Y("unfold").addEventListener("click",()=>{let e=It.size>
0;if(It.clear(),!e)for(let t of Dn){It.add(t.id);for(let o of t.children)It.add(o.id)}fl&&cn()})}var dc="uplot",gc="u-hz",wc="u-vt",yc="u-title",Sc="u-wrap",_c="u-under",vc="u-over",bc="u-axis",ml="u-off",xc="u-select",kc="u-cursor-x",Tc="u-cursor-y",Ec="u-\
cursor-pt",Mc="u-legend",Ac="u-live",Lc="u-inline",Dc="u-series",Cc="u-marker",Zs="u-label",Pc="u-value",fn="width",un="height";var Qs="bottom",Fl="left",Eo="right",Go="#000",Xs=Go+"0",Mo="mousemove",ei="mousedown",Ao="mouseup",ti="mouseenter",li="mouseleave",ni="dblclick",Nc="resize",Oc="\
scroll",oi="change",$n="dppxchange",Uo="--",Yl=typeof window<"u",No=Yl?document:null,Wl=Yl?window:null,$c=Yl?navigator:null,re,Cn;function Oo(){let e=devicePixelRatio;
re!=e&&(re=e,Cn&&Ro(oi,Cn,Oo),Cn=matchMedia(`(min-resolution: ${re-.001}dppx) and (max-resolution: ${re+.001}dppx)`),dl(oi,Cn,Oo),Wl.dispatchEvent(new CustomEvent(
$n)))}function rt(e,t){if(t!=null){let o=e.classList;!o.contains(t)&&o.add(t)}}function $o(e,t){let o=e.classList;o.contains(t)&&o.remove(t)}function Se(e,t,o){
e.style[t]=o+"px"}function Mt(e,t,o,l){let i=No.createElement(e);return t!=null&&rt(i,t),o?.insertBefore(i,l),i}function yt(e,t){return Mt("div",e,t)}var si=new WeakMap;
function Vt(e,t,o,l,i){let r="translate("+t+"px,"+o+"px)",f=si.get(e);r!=f&&(e.style.transform=r,si.set(e,r),t<0||o<0||t>l||o>i?rt(e,ml):$o(e,ml))}var ii=new WeakMap;
function ri(e,t,o){let l=t+o,i=ii.get(e);l!=i&&(ii.set(e,l),e.style.background=t,e.style.borderColor=o)}var ci=new WeakMap;function ai(e,t,o,l){let i=t+""+o,r=ci.
get(e);i!=r&&(ci.set(e,i),e.style.height=o+"px",e.style.width=t+"px",e.style.marginLeft=l?-t/2+"px":0,e.style.marginTop=l?-o/2+"px":0)}var Bo={passive:!0},Rc={...Bo,
capture:!0};function dl(e,t,o,l){t.addEventListener(e,o,l?Rc:Bo)}function Ro(e,t,o,l){t.removeEventListener(e,o,Bo)}Yl&&Oo();function At(e,t,o,l){let i;o=o||0,l=
l||t.length-1;let r=l<=2147483647;for(;l-o>1;)i=r?o+l>>1:ct((o+l)/2),t[i]<e?o=i:l=i;return e-t[o]<=t[l]-e?o:l}function Vi(e){return(o,l,i)=>{let r=-1,f=-1;for(let h=l;h<=
i;h++)if(e(o[h])){r=h;break}for(let h=i;h>=l;h--)if(e(o[h])){f=h;break}return[r,f]}}var zi=e=>e!=null,Fi=e=>e!=null&&e>0,zn=Vi(zi),Vc=Vi(Fi);function zc(e,t,o,l=0,i=!1){
let r=i?Vc:zn,f=i?Fi:zi;[t,o]=r(e,t,o);let h=e[t],p=e[t];if(t>-1)if(l==1)h=e[t],p=e[o];else if(l==-1)h=e[o],p=e[t];else for(let g=t;g<=o;g++){let _=e[g];f(_)&&(_<
h?h=_:_>p&&(p=_))}return[h??he,p??-he]}function Fn(e,t,o,l){let i=hi(e),r=hi(t);e==t&&(i==-1?(e*=o,t/=o):(e/=o,t*=o));let f=o==10?Gt:Hi,h=i==1?ct:St,p=r==1?St:ct,
g=h(f(Ne(e))),_=p(f(Ne(t))),d=Il(o,g),w=Il(o,_);return o==10&&(g<0&&(d=pe(d,-g)),_<0&&(w=pe(w,-_))),l||o==2?(e=d*i,t=w*r):(e=Ui(e,d),t=Hn(t,w)),[e,t]}function Yo(e,t,o,l){
let i=Fn(e,t,o,l);return e==0&&(i[0]=0),t==0&&(i[1]=0),i}var jo=.1,fi={mode:3,pad:jo},pn={pad:0,soft:null,mode:0},Fc={min:pn,max:pn};function Rn(e,t,o,l){return Wn(
o)?ui(e,t,o):(pn.pad=o,pn.soft=l?0:null,pn.mode=l?3:0,ui(e,t,Fc))}function se(e,t){return e??t}function Hc(e,t,o){for(t=se(t,0),o=se(o,e.length-1);t<=o;){if(e[t]!=
null)return!0;t++}return!1}function ui(e,t,o){let l=o.min,i=o.max,r=se(l.pad,0),f=se(i.pad,0),h=se(l.hard,-he),p=se(i.hard,he),g=se(l.soft,he),_=se(i.soft,-he),
d=se(l.mode,0),w=se(i.mode,0),C=t-e,P=Gt(C),z=Qe(Ne(e),Ne(t)),H=Gt(z),I=Ne(H-P);(C<1e-24||I>10)&&(C=0,(e==0||t==0)&&(C=1e-24,d==2&&g!=he&&(r=0),w==2&&_!=-he&&(f=
0)));let b=C||z||1e3,F=Gt(b),x=Il(10,ct(F)),J=b*(C==0?e==0?.1:1:r),D=pe(Ui(e-J,x/10),24),Z=e>=g&&(d==1||d==3&&D<=g||d==2&&D>=g)?g:he,j=Qe(h,D<Z&&e>=Z?Z:Lt(Z,D)),
ee=b*(C==0?t==0?.1:1:f),B=pe(Hn(t+ee,x/10),24),k=t<=_&&(w==1||w==3&&B>=_||w==2&&B<=_)?_:-he,K=Lt(p,B>k&&t<=k?k:Qe(k,B));return j==K&&j==0&&(K=100),[j,K]}var Wc=new Intl.
NumberFormat(Yl?$c.language:"en-US"),qo=e=>Wc.format(e),at=Math,On=at.PI,Ne=at.abs,ct=at.floor,Pe=at.round,St=at.ceil,Lt=at.min,Qe=at.max,Il=at.pow,hi=at.sign,Gt=at.
log10,Hi=at.log2,Ic=(e,t=1)=>at.sinh(e)*t,Lo=(e,t=1)=>at.asinh(e/t),he=1/0;function pi(e){return(Gt((e^e>>31)-(e>>31))|0)+1}function Vo(e,t,o){return Lt(Qe(e,t),
o)}function Wi(e){return typeof e=="function"}function te(e){return Wi(e)?e:()=>e}var Gc=()=>{},Ii=e=>e,Gi=(e,t)=>t,Uc=e=>null,mi=e=>!0,di=(e,t)=>e==t,Bc=/\.\d*?(?=9{6,}|0{6,})/gm,
gl=e=>{if(Yi(e)||Xt.has(e))return e;let t=`${e}`,o=t.match(Bc);if(o==null)return e;let l=o[0].length-1;if(t.indexOf("e-")!=-1){let[i,r]=t.split("e");return+`${gl(
i)}e${r}`}return pe(e,l)};function hl(e,t){return gl(pe(gl(e/t))*t)}function Hn(e,t){return gl(St(gl(e/t))*t)}function Ui(e,t){return gl(ct(gl(e/t))*t)}function pe(e,t=0){
if(Yi(e))return e;let o=10**t,l=e*o*(1+Number.EPSILON);return Pe(l)/o}var Xt=new Map;function Bi(e){return((""+e).split(".")[1]||"").length}function dn(e,t,o,l){
let i=[],r=l.map(Bi);for(let f=t;f<o;f++){let h=Ne(f),p=pe(Il(e,f),h);for(let g=0;g<l.length;g++){let _=e==10?+`${l[g]}e${f}`:l[g]*p,d=(f>=0?0:h)+(f>=r[g]?0:r[g]),
w=e==10?_:pe(_,d);i.push(w),Xt.set(w,d)}}return i}var mn={},Ko=[],Gl=[null,null],Qt=Array.isArray,Yi=Number.isInteger,Yc=e=>e===void 0;function gi(e){return typeof e==
"string"}function Wn(e){let t=!1;if(e!=null){let o=e.constructor;t=o==null||o==Object}return t}function jc(e){return e!=null&&typeof e=="object"}var qc=Object.getPrototypeOf(
Uint8Array),ji="__proto__";function Ul(e,t=Wn){let o;if(Qt(e)){let l=e.find(i=>i!=null);if(Qt(l)||t(l)){o=Array(e.length);for(let i=0;i<e.length;i++)o[i]=Ul(e[i],
t)}else o=e.slice()}else if(e instanceof qc)o=e.slice();else if(t(e)){o={};for(let l in e)l!=ji&&(o[l]=Ul(e[l],t))}else o=e;return o}function Ae(e){let t=arguments;
for(let o=1;o<t.length;o++){let l=t[o];for(let i in l)i!=ji&&(Wn(e[i])?Ae(e[i],Ul(l[i])):e[i]=Ul(l[i]))}return e}var Kc=0,Jc=1,Zc=2;function Qc(e,t,o){for(let l=0,
i,r=-1;l<t.length;l++){let f=t[l];if(f>r){for(i=f-1;i>=0&&e[i]==null;)e[i--]=null;for(i=f+1;i<o&&e[i]==null;)e[r=i++]=null}}}function Xc(e,t){if(la(e)){let f=e[0].
slice();for(let h=1;h<e.length;h++)f.push(...e[h].slice(1));return na(f[0])||(f=ta(f)),f}let o=new Set;for(let f=0;f<e.length;f++){let p=e[f][0],g=p.length;for(let _=0;_<
g;_++)o.add(p[_])}let l=[Array.from(o).sort((f,h)=>f-h)],i=l[0].length,r=new Map;for(let f=0;f<i;f++)r.set(l[0][f],f);for(let f=0;f<e.length;f++){let h=e[f],p=h[0];
for(let g=1;g<h.length;g++){let _=h[g],d=Array(i).fill(void 0),w=t?t[f][g]:Jc,C=[];for(let P=0;P<_.length;P++){let z=_[P],H=r.get(p[P]);z===null?w!=Kc&&(d[H]=z,
w==Zc&&C.push(H)):d[H]=z}Qc(d,C,i),l.push(d)}}return l}var ea=typeof queueMicrotask>"u"?e=>Promise.resolve().then(e):queueMicrotask;function ta(e){let t=e[0],o=t.
length,l=Array(o);for(let r=0;r<l.length;r++)l[r]=r;l.sort((r,f)=>t[r]-t[f]);let i=[];for(let r=0;r<e.length;r++){let f=e[r],h=Array(o);for(let p=0;p<o;p++)h[p]=
f[l[p]];i.push(h)}return i}function la(e){let t=e[0][0],o=t.length;for(let l=1;l<e.length;l++){let i=e[l][0];if(i.length!=o)return!1;if(i!=t){for(let r=0;r<o;r++)
if(i[r]!=t[r])return!1}}return!0}function na(e,t=100){let o=e.length;if(o<=1)return!0;let l=0,i=o-1;for(;l<=i&&e[l]==null;)l++;for(;i>=l&&e[i]==null;)i--;if(i<=
l)return!0;let r=Qe(1,ct((i-l+1)/t));for(let f=e[l],h=l+r;h<=i;h+=r){let p=e[h];if(p!=null){if(p<=f)return!1;f=p}}return!0}var qi=["January","February","March",
"April","May","June","July","August","September","October","November","December"],Ki=["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"];function Ji(e){
return e.slice(0,3)}var oa=Ki.map(Ji),sa=qi.map(Ji),ia={MMMM:qi,MMM:sa,WWWW:Ki,WWW:oa};function an(e){return(e<10?"0":"")+e}function ra(e){return(e<10?"00":e<100?
"0":"")+e}var ca={YYYY:e=>e.getFullYear(),YY:e=>(e.getFullYear()+"").slice(2),MMMM:(e,t)=>t.MMMM[e.getMonth()],MMM:(e,t)=>t.MMM[e.getMonth()],MM:e=>an(e.getMonth()+
1),M:e=>e.getMonth()+1,DD:e=>an(e.getDate()),D:e=>e.getDate(),WWWW:(e,t)=>t.WWWW[e.getDay()],WWW:(e,t)=>t.WWW[e.getDay()],HH:e=>an(e.getHours()),H:e=>e.getHours(),
h:e=>{let t=e.getHours();return t==0?12:t>12?t-12:t},AA:e=>e.getHours()>=12?"PM":"AM",aa:e=>e.getHours()>=12?"pm":"am",a:e=>e.getHours()>=12?"p":"a",mm:e=>an(e.
getMinutes()),m:e=>e.getMinutes(),ss:e=>an(e.getSeconds()),s:e=>e.getSeconds(),fff:e=>ra(e.getMilliseconds())};function Jo(e,t){t=t||ia;let o=[],l=/\{([a-z]+)\}|[^{]+/gi,
i;for(;i=l.exec(e);)o.push(i[0][0]=="{"?ca[i[1]]:i[0]);return r=>{let f="";for(let h=0;h<o.length;h++)f+=typeof o[h]=="string"?o[h]:o[h](r,t);return f}}var aa=new Intl.
DateTimeFormat().resolvedOptions().timeZone;function fa(e,t){let o;return t=="UTC"||t=="Etc/UTC"?o=new Date(+e+e.getTimezoneOffset()*6e4):t==aa?o=e:(o=new Date(
e.toLocaleString("en-US",{timeZone:t})),o.setMilliseconds(e.getMilliseconds())),o}var Zi=e=>e%1==0,Vn=[1,2,2.5,5],ua=dn(10,-32,0,Vn),Qi=dn(10,0,32,Vn),ha=Qi.filter(
Zi),pl=ua.concat(Qi),Zo=`
`,Xi="{YYYY}",wi=Zo+Xi,er="{M}/{D}",hn=Zo+er,Pn=hn+"/{YY}",tr="{aa}",pa="{h}:{mm}",Hl=pa+tr,yi=Zo+Hl,Si=":{ss}",ae=null;function lr(e){let t=e*1e3,o=t*60,l=o*60,
i=l*24,r=i*30,f=i*365,p=(e==1?dn(10,0,3,Vn).filter(Zi):dn(10,-3,0,Vn)).concat([t,t*5,t*10,t*15,t*30,o,o*5,o*10,o*15,o*30,l,l*2,l*3,l*4,l*6,l*8,l*12,i,i*2,i*3,i*
4,i*5,i*6,i*7,i*8,i*9,i*10,i*15,r,r*2,r*3,r*4,r*6,f,f*2,f*5,f*10,f*25,f*50,f*100]),g=[[f,Xi,ae,ae,ae,ae,ae,ae,1],[i*28,"{MMM}",wi,ae,ae,ae,ae,ae,1],[i,er,wi,ae,
ae,ae,ae,ae,1],[l,"{h}"+tr,Pn,ae,hn,ae,ae,ae,1],[o,Hl,Pn,ae,hn,ae,ae,ae,1],[t,Si,Pn+" "+Hl,ae,hn+" "+Hl,ae,yi,ae,1],[e,Si+".{fff}",Pn+" "+Hl,ae,hn+" "+Hl,ae,yi,
ae,1]];function _(d){return(w,C,P,z,H,I)=>{let b=[],F=H>=f,x=H>=r&&H<f,J=d(P),D=pe(J*e,3),Z=Do(J.getFullYear(),F?0:J.getMonth(),x||F?1:J.getDate()),j=pe(Z*e,3);
if(x||F){let ee=x?H/r:0,B=F?H/f:0,k=D==j?D:pe(Do(Z.getFullYear()+B,Z.getMonth()+ee,1)*e,3),K=new Date(Pe(k/e)),N=K.getFullYear(),G=K.getMonth();for(let V=0;k<=z;V++){
let le=Do(N+B*V,G+ee*V,1),R=le-d(pe(le*e,3));k=pe((+le+R)*e,3),k<=z&&b.push(k)}}else{let ee=H>=i?i:H,B=ct(P)-ct(D),k=j+B+Hn(D-j,ee);b.push(k);let K=d(k),N=K.getHours()+
K.getMinutes()/o+K.getSeconds()/l,G=H/l,V=w.axes[C]._space,le=I/V;for(;k=pe(k+H,e==1?0:3),!(k>z);)if(G>1){let R=ct(pe(N+G,6))%24,ne=d(k).getHours()-R;ne>1&&(ne=
-1),k-=ne*l,N=(N+G)%24;let fe=b[b.length-1];pe((k-fe)/H,3)*le>=.7&&b.push(k)}else b.push(k)}return b}}return[p,g,_]}var[ma,da,ga]=lr(1),[wa,ya,Sa]=lr(.001);dn(2,
-53,53,[1]);function _i(e,t){return e.map(o=>o.map((l,i)=>i==0||i==8||l==null?l:t(i==1||o[8]==0?l:o[1]+l)))}function vi(e,t){return(o,l,i,r,f)=>{let h=t.find(P=>f>=
P[0])||t[t.length-1],p,g,_,d,w,C;return l.map(P=>{let z=e(P),H=z.getFullYear(),I=z.getMonth(),b=z.getDate(),F=z.getHours(),x=z.getMinutes(),J=z.getSeconds(),D=H!=
p&&h[2]||I!=g&&h[3]||b!=_&&h[4]||F!=d&&h[5]||x!=w&&h[6]||J!=C&&h[7]||h[1];return p=H,g=I,_=b,d=F,w=x,C=J,D(z)})}}function _a(e,t){let o=Jo(t);return(l,i,r,f,h)=>i.
map(p=>o(e(p)))}function Do(e,t,o){return new Date(e,t,o)}function bi(e,t){return t(e)}var va="{YYYY}-{MM}-{DD} {h}:{mm}{aa}";function xi(e,t){return(o,l,i,r)=>r==
null?Uo:t(e(l))}function ba(e,t){let o=e.series[t];return o.width?o.stroke(e,t):o.points.width?o.points.stroke(e,t):null}function xa(e,t){return e.series[t].fill(
e,t)}var ka={show:!0,live:!0,isolate:!1,mount:Gc,markers:{show:!0,width:2,stroke:ba,fill:xa,dash:"solid"},idx:null,idxs:null,values:[]};function Ta(e,t){let o=e.
cursor.points,l=yt(),i=o.size(e,t);Se(l,fn,i),Se(l,un,i);let r=i/-2;Se(l,"marginLeft",r),Se(l,"marginTop",r);let f=o.width(e,t,i);return f&&Se(l,"borderWidth",f),
l}function Ea(e,t){let o=e.series[t].points;return o._fill||o._stroke}function Ma(e,t){let o=e.series[t].points;return o._stroke||o._fill}function Aa(e,t){return e.
series[t].points.size}var Co=[0,0];function La(e,t,o){return Co[0]=t,Co[1]=o,Co}function Nn(e,t,o,l=!0){return i=>{i.button==0&&(!l||i.target==t)&&o(i)}}function Po(e,t,o,l=!0){
return i=>{(!l||i.target==t)&&o(i)}}var Da={show:!0,x:!0,y:!0,lock:!1,move:La,points:{one:!1,show:Ta,size:Aa,width:0,stroke:Ma,fill:Ea},bind:{mousedown:Nn,mouseup:Nn,
click:Nn,dblclick:Nn,mousemove:Po,mouseleave:Po,mouseenter:Po},drag:{setScale:!0,x:!0,y:!1,dist:0,uni:null,click:(e,t)=>{t.stopPropagation(),t.stopImmediatePropagation()},
_x:!1,_y:!1},focus:{dist:(e,t,o,l,i)=>l-i,prox:-1,bias:0},hover:{skip:[void 0],prox:null,bias:0},left:-10,top:-10,idx:null,dataIdx:null,idxs:null,event:null},nr={
show:!0,stroke:"rgba(0,0,0,0.07)",width:2},Qo=Ae({},nr,{filter:Gi}),or=Ae({},Qo,{size:10}),sr=Ae({},nr,{show:!1}),Xo='12px system-ui, -apple-system, "Segoe UI",\
 Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Noto Color Emoji"',ir="bold "+Xo,rr=1.5,ki={
show:!0,scale:"x",stroke:Go,space:50,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ir,side:2,grid:Qo,ticks:or,border:sr,font:Xo,lineGap:rr,rotate:0},
Ca="Value",Pa="Time",Ti={show:!0,scale:"x",auto:!1,sorted:1,min:he,max:-he,idxs:[]};function Na(e,t,o,l,i){return t.map(r=>r==null?"":qo(r))}function Oa(e,t,o,l,i,r,f){
let h=[],p=Xt.get(i)||0;o=f?o:pe(Hn(o,i),p);for(let g=o;g<=l;g=pe(g+i,p))h.push(Object.is(g,-0)?0:g);return h}function zo(e,t,o,l,i,r,f){let h=[],p=e.scales[e.axes[t].
scale].log,g=p==10?Gt:Hi,_=ct(g(o));i=Il(p,_),p==10&&(i=pl[At(i,pl)]);let d=o,w=i*p;p==10&&(w=pl[At(w,pl)]);do h.push(d),d=d+i,p==10&&!Xt.has(d)&&(d=pe(d,Xt.get(
i))),d>=w&&(i=d,w=i*p,p==10&&(w=pl[At(w,pl)]));while(d<=l);return h}function $a(e,t,o,l,i,r,f){let p=e.scales[e.axes[t].scale].asinh,g=l>p?zo(e,t,Qe(p,o),l,i):[
p],_=l>=0&&o<=0?[0]:[];return(o<-p?zo(e,t,Qe(p,-l),-o,i):[p]).reverse().map(w=>-w).concat(_,g)}var cr=/./,Ra=/[12357]/,Va=/[125]/,Ei=/1/,Fo=(e,t,o,l)=>e.map((i,r)=>t==
4&&i==0||r%l==0&&o.test(i.toExponential()[i<0?1:0])?i:null);function za(e,t,o,l,i){let r=e.axes[o],f=r.scale,h=e.scales[f],p=e.valToPos,g=r._space,_=p(10,f),d=p(
9,f)-_>=g?cr:p(7,f)-_>=g?Ra:p(5,f)-_>=g?Va:Ei;if(d==Ei){let w=Ne(p(1,f)-_);if(w<g)return Fo(t.slice().reverse(),h.distr,d,St(g/w)).reverse()}return Fo(t,h.distr,
d,1)}function Fa(e,t,o,l,i){let r=e.axes[o],f=r.scale,h=r._space,p=e.valToPos,g=Ne(p(1,f)-p(2,f));return g<h?Fo(t.slice().reverse(),3,cr,St(h/g)).reverse():t}function Ha(e,t,o,l){
return l==null?Uo:t==null?"":qo(t)}var Mi={show:!0,scale:"y",stroke:Go,space:30,gap:5,alignTo:1,size:50,labelGap:0,labelSize:30,labelFont:ir,side:3,grid:Qo,ticks:or,
border:sr,font:Xo,lineGap:rr,rotate:0};function Wa(e,t){let o=3+(e||1)*2;return pe(o*t,3)}function Ia(e,t){let{scale:o,idxs:l}=e.series[0],i=e._data[0],r=e.valToPos(
i[l[0]],o,!0),f=e.valToPos(i[l[1]],o,!0),h=Ne(f-r),p=e.series[t],g=h/(p.points.space*re);return l[1]-l[0]<=g}var Ai={scale:null,auto:!0,sorted:0,min:he,max:-he},
ar=(e,t,o,l,i)=>i,Li={show:!0,auto:!0,sorted:0,gaps:ar,alpha:1,facets:[Ae({},Ai,{scale:"x"}),Ae({},Ai,{scale:"y"})]},Di={scale:"y",auto:!0,sorted:0,show:!0,spanGaps:!1,
gaps:ar,alpha:1,points:{show:Ia,filter:null},values:null,min:he,max:-he,idxs:[],path:null,clip:null};function Ga(e,t,o,l,i){return o/10}var fr={time:!0,auto:!0,
distr:1,log:10,asinh:1,min:null,max:null,dir:1,ori:0},Ua=Ae({},fr,{time:!1,ori:1}),Ci={};function ur(e,t){let o=Ci[e];return o||(o={key:e,plots:[],sub(l){o.plots.
push(l)},unsub(l){o.plots=o.plots.filter(i=>i!=l)},pub(l,i,r,f,h,p,g){for(let _=0;_<o.plots.length;_++)o.plots[_]!=i&&o.plots[_].pub(l,i,r,f,h,p,g)}},e!=null&&(Ci[e]=
o)),o}var Bl=1,Ho=2;function wl(e,t,o){let l=e.mode,i=e.series[t],r=l==2?e._data[t]:e._data,f=e.scales,h=e.bbox,p=r[0],g=l==2?r[1]:r[t],_=l==2?f[i.facets[0].scale]:
f[e.series[0].scale],d=l==2?f[i.facets[1].scale]:f[i.scale],w=h.left,C=h.top,P=h.width,z=h.height,H=e.valToPosH,I=e.valToPosV;return _.ori==0?o(i,p,g,_,d,H,I,w,
C,P,z,Gn,jl,Bn,pr,dr):o(i,p,g,_,d,I,H,C,w,z,P,Un,ql,ls,mr,gr)}function es(e,t){let o=0,l=0,i=se(e.bands,Ko);for(let r=0;r<i.length;r++){let f=i[r];f.series[0]==
t?o=f.dir:f.series[1]==t&&(f.dir==1?l|=1:l|=2)}return[o,l==1?-1:l==2?1:l==3?2:0]}function Ba(e,t,o,l,i){let r=e.mode,f=e.series[t],h=r==2?f.facets[1].scale:f.scale,
p=e.scales[h];return i==-1?p.min:i==1?p.max:p.distr==3?p.dir==1?p.min:p.max:0}function Ut(e,t,o,l,i,r){return wl(e,t,(f,h,p,g,_,d,w,C,P,z,H)=>{let I=f.pxRound,b=g.
dir*(g.ori==0?1:-1),F=g.ori==0?jl:ql,x,J;b==1?(x=o,J=l):(x=l,J=o);let D=I(d(h[x],g,z,C)),Z=I(w(p[x],_,H,P)),j=I(d(h[J],g,z,C)),ee=I(w(r==1?_.max:_.min,_,H,P)),B=new Path2D(
i);return F(B,j,ee),F(B,D,ee),F(B,D,Z),B})}function In(e,t,o,l,i,r){let f=null;if(e.length>0){f=new Path2D;let h=t==0?Bn:ls,p=o;for(let d=0;d<e.length;d++){let w=e[d];
if(w[1]>w[0]){let C=w[0]-p;C>0&&h(f,p,l,C,l+r),p=w[1]}}let g=o+i-p,_=10;g>0&&h(f,p,l-_/2,g,l+r+_)}return f}function Ya(e,t,o){let l=e[e.length-1];l&&l[0]==t?l[1]=
o:e.push([t,o])}function ts(e,t,o,l,i,r,f){let h=[],p=e.length;for(let g=i==1?o:l;g>=o&&g<=l;g+=i)if(t[g]===null){let d=g,w=g;if(i==1)for(;++g<=l&&t[g]===null;)
w=g;else for(;--g>=o&&t[g]===null;)w=g;let C=r(e[d]),P=w==d?C:r(e[w]),z=d-i;C=f<=0&&z>=0&&z<p?r(e[z]):C;let I=w+i;P=f>=0&&I>=0&&I<p?r(e[I]):P,P>=C&&h.push([C,P])}
return h}function Pi(e){return e==0?Ii:e==1?Pe:t=>hl(t,e)}function hr(e){let t=e==0?Gn:Un,o=e==0?(i,r,f,h,p,g)=>{i.arcTo(r,f,h,p,g)}:(i,r,f,h,p,g)=>{i.arcTo(f,r,
p,h,g)},l=e==0?(i,r,f,h,p)=>{i.rect(r,f,h,p)}:(i,r,f,h,p)=>{i.rect(f,r,p,h)};return(i,r,f,h,p,g=0,_=0)=>{g==0&&_==0?l(i,r,f,h,p):(g=Lt(g,h/2,p/2),_=Lt(_,h/2,p/2),
t(i,r+g,f),o(i,r+h,f,r+h,f+p,g),o(i,r+h,f+p,r,f+p,_),o(i,r,f+p,r,f,_),o(i,r,f,r+h,f,g),i.closePath())}}var Gn=(e,t,o)=>{e.moveTo(t,o)},Un=(e,t,o)=>{e.moveTo(o,t)},
jl=(e,t,o)=>{e.lineTo(t,o)},ql=(e,t,o)=>{e.lineTo(o,t)},Bn=hr(0),ls=hr(1),pr=(e,t,o,l,i,r)=>{e.arc(t,o,l,i,r)},mr=(e,t,o,l,i,r)=>{e.arc(o,t,l,i,r)},dr=(e,t,o,l,i,r,f)=>{
e.bezierCurveTo(t,o,l,i,r,f)},gr=(e,t,o,l,i,r,f)=>{e.bezierCurveTo(o,t,i,l,f,r)};function wr(e){return(t,o,l,i,r)=>wl(t,o,(f,h,p,g,_,d,w,C,P,z,H)=>{let{pxRound:I,
points:b}=f,F,x;g.ori==0?(F=Gn,x=pr):(F=Un,x=mr);let J=pe(b.width*re,3),D=(b.size-b.width)/2*re,Z=pe(D*2,3),j=new Path2D,ee=new Path2D,{left:B,top:k,width:K,height:N}=t.
bbox;Bn(ee,B-Z,k-Z,K+Z*2,N+Z*2);let G=V=>{if(p[V]!=null){let le=I(d(h[V],g,z,C)),R=I(w(p[V],_,H,P));F(j,le+D,R),x(j,le,R,D,0,On*2)}};if(r)r.forEach(G);else for(let V=l;V<=
i;V++)G(V);return{stroke:J>0?j:null,fill:j,clip:ee,flags:Bl|Ho}})}function yr(e){return(t,o,l,i,r,f)=>{l!=i&&(r!=l&&f!=l&&e(t,o,l),r!=i&&f!=i&&e(t,o,i),e(t,o,f))}}
var ja=yr(jl),qa=yr(ql);function Sr(e){let t=se(e?.alignGaps,0);return(o,l,i,r)=>wl(o,l,(f,h,p,g,_,d,w,C,P,z,H)=>{[i,r]=zn(p,i,r);let I=f.pxRound,b=N=>I(d(N,g,z,
C)),F=N=>I(w(N,_,H,P)),x,J;g.ori==0?(x=jl,J=ja):(x=ql,J=qa);let D=g.dir*(g.ori==0?1:-1),Z={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Bl},j=Z.
stroke,ee=!1;if(r-i>=z*4){let N=O=>o.posToVal(O,g.key,!0),G=null,V=null,le,R,Xe,_e=b(h[D==1?i:r]),ne=b(h[i]),fe=b(h[r]),Q=N(D==1?ne+1:fe-1);for(let O=D==1?i:r;O>=
i&&O<=r;O+=D){let Le=h[O],ve=(D==1?Le<Q:Le>Q)?_e:b(Le),ce=p[O];ve==_e?ce!=null?(R=ce,G==null?(x(j,ve,F(R)),le=G=V=R):R<G?G=R:R>V&&(V=R)):ce===null&&(ee=!0):(G!=
null&&J(j,_e,F(G),F(V),F(le),F(R)),ce!=null?(R=ce,x(j,ve,F(R)),G=V=le=R):(G=V=null,ce===null&&(ee=!0)),_e=ve,Q=N(_e+D))}G!=null&&G!=V&&Xe!=_e&&J(j,_e,F(G),F(V),
F(le),F(R))}else for(let N=D==1?i:r;N>=i&&N<=r;N+=D){let G=p[N];G===null?ee=!0:G!=null&&x(j,b(h[N]),F(G))}let[k,K]=es(o,l);if(f.fill!=null||k!=0){let N=Z.fill=new Path2D(
j),G=f.fillTo(o,l,f.min,f.max,k),V=F(G),le=b(h[i]),R=b(h[r]);D==-1&&([R,le]=[le,R]),x(N,R,V),x(N,le,V)}if(!f.spanGaps){let N=[];ee&&N.push(...ts(h,p,i,r,D,b,t)),
Z.gaps=N=f.gaps(o,l,i,r,N),Z.clip=In(N,g.ori,C,P,z,H)}return K!=0&&(Z.band=K==2?[Ut(o,l,i,r,j,-1),Ut(o,l,i,r,j,1)]:Ut(o,l,i,r,j,K)),Z})}function Ka(e){let t=se(
e.align,1),o=se(e.ascDesc,!1),l=se(e.alignGaps,0),i=se(e.extend,!1);return(r,f,h,p)=>wl(r,f,(g,_,d,w,C,P,z,H,I,b,F)=>{[h,p]=zn(d,h,p);let x=g.pxRound,{left:J,width:D}=r.
bbox,Z=ne=>x(P(ne,w,b,H)),j=ne=>x(z(ne,C,F,I)),ee=w.ori==0?jl:ql,B={stroke:new Path2D,fill:null,clip:null,band:null,gaps:null,flags:Bl},k=B.stroke,K=w.dir*(w.ori==
0?1:-1),N=j(d[K==1?h:p]),G=Z(_[K==1?h:p]),V=G,le=G;i&&t==-1&&(le=J,ee(k,le,N)),ee(k,G,N);for(let ne=K==1?h:p;ne>=h&&ne<=p;ne+=K){let fe=d[ne];if(fe==null)continue;
let Q=Z(_[ne]),O=j(fe);t==1?ee(k,Q,N):ee(k,V,O),ee(k,Q,O),N=O,V=Q}let R=V;i&&t==1&&(R=J+D,ee(k,R,N));let[Xe,_e]=es(r,f);if(g.fill!=null||Xe!=0){let ne=B.fill=new Path2D(
k),fe=g.fillTo(r,f,g.min,g.max,Xe),Q=j(fe);ee(ne,R,Q),ee(ne,le,Q)}if(!g.spanGaps){let ne=[];ne.push(...ts(_,d,h,p,K,Z,l));let fe=g.width*re/2,Q=o||t==1?fe:-fe,O=o||
t==-1?-fe:fe;ne.forEach(Le=>{Le[0]+=Q,Le[1]+=O}),B.gaps=ne=g.gaps(r,f,h,p,ne),B.clip=In(ne,w.ori,H,I,b,F)}return _e!=0&&(B.band=_e==2?[Ut(r,f,h,p,k,-1),Ut(r,f,h,
p,k,1)]:Ut(r,f,h,p,k,_e)),B})}function Ni(e,t,o,l,i,r,f=he){if(e.length>1){let h=null;for(let p=0,g=1/0;p<e.length;p++)if(t[p]!==void 0){if(h!=null){let _=Ne(e[p]-
e[h]);_<g&&(g=_,f=Ne(o(e[p],l,i,r)-o(e[h],l,i,r)))}h=p}}return f}function Ja(e){e=e||mn;let t=se(e.size,[.6,he,1]),o=e.align||0,l=e.gap||0,i=e.radius;i=i==null?
[0,0]:typeof i=="number"?[i,0]:i;let r=te(i),f=1-t[0],h=se(t[1],he),p=se(t[2],1),g=se(e.disp,mn),_=se(e.each,C=>{}),{fill:d,stroke:w}=g;return(C,P,z,H)=>wl(C,P,
(I,b,F,x,J,D,Z,j,ee,B,k)=>{let K=I.pxRound,N=o,G=l*re,V=h*re,le=p*re,R,Xe;x.ori==0?[R,Xe]=r(C,P):[Xe,R]=r(C,P);let _e=x.dir*(x.ori==0?1:-1),ne=x.ori==0?Bn:ls,fe=x.
ori==0?_:(M,me,De,bl,ll,Ct,nl)=>{_(M,me,De,ll,bl,nl,Ct)},Q=se(C.bands,Ko).find(M=>M.series[0]==P),O=Q!=null?Q.dir:0,Le=I.fillTo(C,P,I.min,I.max,O),je=K(Z(Le,J,k,
ee)),ve,ce,_t,lt=B,xe=K(I.width*re),Dt=!1,zt=null,ut=null,Bt=null,Sl=null;d!=null&&(xe==0||w!=null)&&(Dt=!0,zt=d.values(C,P,z,H),ut=new Map,new Set(zt).forEach(
M=>{M!=null&&ut.set(M,new Path2D)}),xe>0&&(Bt=w.values(C,P,z,H),Sl=new Map,new Set(Bt).forEach(M=>{M!=null&&Sl.set(M,new Path2D)})));let{x0:_l,size:Zl}=g;if(_l!=
null&&Zl!=null){N=1,b=_l.values(C,P,z,H),_l.unit==2&&(b=b.map(De=>C.posToVal(j+De*B,x.key,!0)));let M=Zl.values(C,P,z,H);Zl.unit==2?ce=M[0]*B:ce=D(M[0],x,B,j)-D(
0,x,B,j),lt=Ni(b,F,D,x,B,j,lt),_t=lt-ce+G}else lt=Ni(b,F,D,x,B,j,lt),_t=lt*f+G,ce=lt-_t;_t<1&&(_t=0),xe>=ce/2&&(xe=0),_t<5&&(K=Ii);let yn=_t>0,el=lt-_t-(yn?xe:0);
ce=K(Vo(el,le,V)),ve=(N==0?ce/2:N==_e?0:ce)-N*_e*((N==0?G/2:0)+(yn?xe/2:0));let qe={stroke:null,fill:null,clip:null,band:null,gaps:null,flags:0},vl=Dt?null:new Path2D,
Ft=null;if(Q!=null)Ft=C.data[Q.series[1]];else{let{y0:M,y1:me}=g;M!=null&&me!=null&&(F=me.values(C,P,z,H),Ft=M.values(C,P,z,H))}let tl=R*ce,q=Xe*ce;for(let M=_e==
1?z:H;M>=z&&M<=H;M+=_e){let me=F[M];if(me==null)continue;if(Ft!=null){let et=Ft[M]??0;if(me-et==0)continue;je=Z(et,J,k,ee)}let De=x.distr!=2||g!=null?b[M]:M,bl=D(
De,x,B,j),ll=Z(se(me,Le),J,k,ee),Ct=K(bl-ve),nl=K(Qe(ll,je)),nt=K(Lt(ll,je)),ht=nl-nt;if(me!=null){let et=me<0?q:tl,vt=me<0?tl:q;Dt?(xe>0&&Bt[M]!=null&&ne(Sl.get(
Bt[M]),Ct,nt+ct(xe/2),ce,Qe(0,ht-xe),et,vt),zt[M]!=null&&ne(ut.get(zt[M]),Ct,nt+ct(xe/2),ce,Qe(0,ht-xe),et,vt)):ne(vl,Ct,nt+ct(xe/2),ce,Qe(0,ht-xe),et,vt),fe(C,
P,M,Ct-xe/2,nt,ce+xe,ht)}}return xe>0?qe.stroke=Dt?Sl:vl:Dt||(qe._fill=I.width==0?I._fill:I._stroke??I._fill,qe.width=0),qe.fill=Dt?ut:vl,qe})}function Za(e,t){
let o=se(t?.alignGaps,0);return(l,i,r,f)=>wl(l,i,(h,p,g,_,d,w,C,P,z,H,I)=>{[r,f]=zn(g,r,f);let b=h.pxRound,F=R=>b(w(R,_,H,P)),x=R=>b(C(R,d,I,z)),J,D,Z;_.ori==0?
(J=Gn,Z=jl,D=dr):(J=Un,Z=ql,D=gr);let j=_.dir*(_.ori==0?1:-1),ee=F(p[j==1?r:f]),B=ee,k=[],K=[];for(let R=j==1?r:f;R>=r&&R<=f;R+=j)if(g[R]!=null){let _e=p[R],ne=F(
_e);k.push(B=ne),K.push(x(g[R]))}let N={stroke:e(k,K,J,Z,D,b),fill:null,clip:null,band:null,gaps:null,flags:Bl},G=N.stroke,[V,le]=es(l,i);if(h.fill!=null||V!=0){
let R=N.fill=new Path2D(G),Xe=h.fillTo(l,i,h.min,h.max,V),_e=x(Xe);Z(R,B,_e),Z(R,ee,_e)}if(!h.spanGaps){let R=[];R.push(...ts(p,g,r,f,j,F,o)),N.gaps=R=h.gaps(l,
i,r,f,R),N.clip=In(R,_.ori,P,z,H,I)}return le!=0&&(N.band=le==2?[Ut(l,i,r,f,G,-1),Ut(l,i,r,f,G,1)]:Ut(l,i,r,f,G,le)),N})}function Qa(e){return Za(Xa,e)}function Xa(e,t,o,l,i,r){
let f=e.length;if(f<2)return null;let h=new Path2D;if(o(h,e[0],t[0]),f==2)l(h,e[1],t[1]);else{let p=Array(f),g=Array(f-1),_=Array(f-1),d=Array(f-1);for(let w=0;w<
f-1;w++)_[w]=t[w+1]-t[w],d[w]=e[w+1]-e[w],g[w]=_[w]/d[w];p[0]=g[0];for(let w=1;w<f-1;w++)g[w]===0||g[w-1]===0||g[w-1]>0!=g[w]>0?p[w]=0:(p[w]=3*(d[w-1]+d[w])/((2*
d[w]+d[w-1])/g[w-1]+(d[w]+2*d[w-1])/g[w]),isFinite(p[w])||(p[w]=0));p[f-1]=g[f-2];for(let w=0;w<f-1;w++)i(h,e[w]+d[w]/3,t[w]+p[w]*d[w]/3,e[w+1]-d[w]/3,t[w+1]-p[w+
1]*d[w]/3,e[w+1],t[w+1])}return h}var Wo=new Set;function Oi(){for(let e of Wo)e.syncRect(!0)}Yl&&(dl(Nc,Wl,Oi),dl(Oc,Wl,Oi,!0),dl($n,Wl,()=>{Oe.pxRatio=re}));var ef=Sr(),
tf=wr();function $i(e,t,o,l){return(l?[e[0],e[1]].concat(e.slice(2)):[e[0]].concat(e.slice(1))).map((r,f)=>Io(r,f,t,o))}function lf(e,t){return e.map((o,l)=>l==
0?{}:Ae({},t,o))}function Io(e,t,o,l){return Ae({},t==0?o:l,e)}function _r(e,t,o){return t==null?Gl:[t,o]}var nf=_r;function of(e,t,o){return t==null?Gl:Rn(t,o,
jo,!0)}function vr(e,t,o,l){return t==null?Gl:Fn(t,o,e.scales[l].log,!1)}var sf=vr;function br(e,t,o,l){return t==null?Gl:Yo(t,o,e.scales[l].log,!1)}var rf=br;function cf(e,t,o,l,i){
let r=Qe(pi(e),pi(t)),f=t-e,h=At(i/l*f,o);do{let p=o[h],g=l*p/f;if(g>=i&&r+(p<5?Xt.get(p):0)<=17)return[p,g]}while(++h<o.length);return[0,0]}function Ri(e){let t,
o;return e=e.replace(/(\d+)px/,(l,i)=>(t=Pe((o=+i)*re))+"px"),[e,t,o]}function af(e){e.show&&[e.font,e.labelFont].forEach(t=>{let o=pe(t[2]*re,1);t[0]=t[0].replace(
/[0-9.]+px/,o+"px"),t[1]=o})}function Oe(e,t,o){let l={mode:se(e.mode,1)},i=l.mode;function r(n,s,c,a){let u=s.valToPct(n);return a+c*(s.dir==-1?1-u:u)}function f(n,s,c,a){
let u=s.valToPct(n);return a+c*(s.dir==-1?u:1-u)}function h(n,s,c,a){return s.ori==0?r(n,s,c,a):f(n,s,c,a)}l.valToPosH=r,l.valToPosV=f;let p=!1;l.status=0;let g=l.
root=yt(dc);if(e.id!=null&&(g.id=e.id),rt(g,e.class),e.title){let n=yt(yc,g);n.textContent=e.title}let _=Mt("canvas"),d=l.ctx=_.getContext("2d"),w=yt(Sc,g);dl("\
click",w,n=>{n.target===P&&(ge!=Nl||be!=Ol)&&Ue.click(l,n)},!0);let C=l.under=yt(_c,w);w.appendChild(_);let P=l.over=yt(vc,w);e=Ul(e);let z=+se(e.pxAlign,1),H=Pi(
z);(e.plugins||[]).forEach(n=>{n.opts&&(e=n.opts(l,e)||e)});let I=e.ms||.001,b=l.series=i==1?$i(e.series||[],Ti,Di,!1):lf(e.series||[null],Li),F=l.axes=$i(e.axes||
[],ki,Mi,!0),x=l.scales={},J=l.bands=e.bands||[];J.forEach(n=>{n.fill=te(n.fill||null),n.dir=se(n.dir,-1)});let D=i==2?b[1].facets[0].scale:b[0].scale,Z={axes:Jr,
series:Br},j=(e.drawOrder||["axes","series"]).map(n=>Z[n]);function ee(n){let s=n.distr==3?c=>Gt(c>0?c:n.clamp(l,c,n.min,n.max,n.key)):n.distr==4?c=>Lo(c,n.asinh):
n.distr==100?c=>n.fwd(c):c=>c;return c=>{let a=s(c),{_min:u,_max:m}=n,y=m-u;return(a-u)/y}}function B(n){let s=x[n];if(s==null){let c=(e.scales||mn)[n]||mn;if(c.
from!=null){B(c.from);let a=Ae({},x[c.from],c,{key:n});a.valToPct=ee(a),x[n]=a}else{s=x[n]=Ae({},n==D?fr:Ua,c),s.key=n;let a=s.time,u=s.range,m=Qt(u);if((n!=D||
i==2&&!a)&&(m&&(u[0]==null||u[1]==null)&&(u={min:u[0]==null?fi:{mode:1,hard:u[0],soft:u[0]},max:u[1]==null?fi:{mode:1,hard:u[1],soft:u[1]}},m=!1),!m&&Wn(u))){let y=u;
u=(S,v,T)=>v==null?Gl:Rn(v,T,y)}s.range=te(u||(a?nf:n==D?s.distr==3?sf:s.distr==4?rf:_r:s.distr==3?vr:s.distr==4?br:of)),s.auto=te(m?!1:s.auto),s.clamp=te(s.clamp||
Ga),s._min=s._max=null,s.valToPct=ee(s)}}}B("x"),B("y"),i==1&&b.forEach(n=>{B(n.scale)}),F.forEach(n=>{B(n.scale)});for(let n in e.scales)B(n);let k=x[D],K=k.distr,
N,G;k.ori==0?(rt(g,gc),N=r,G=f):(rt(g,wc),N=f,G=r);let V={};for(let n in x){let s=x[n];(s.min!=null||s.max!=null)&&(V[n]={min:s.min,max:s.max},s.min=s.max=null)}
let le=e.tzDate||(n=>new Date(Pe(n/I))),R=e.fmtDate||Jo,Xe=I==1?ga(le):Sa(le),_e=vi(le,_i(I==1?da:ya,R)),ne=xi(le,bi(va,R)),fe=[],Q=l.legend=Ae({},ka,e.legend),
O=l.cursor=Ae({},Da,{drag:{y:i==2}},e.cursor),Le=Q.show,je=O.show,ve=Q.markers;Q.idxs=fe,ve.width=te(ve.width),ve.dash=te(ve.dash),ve.stroke=te(ve.stroke),ve.fill=
te(ve.fill);let ce,_t,lt,xe=[],Dt=[],zt,ut=!1,Bt={};if(Q.live){let n=b[1]?b[1].values:null;ut=n!=null,zt=ut?n(l,1,0):{_:0};for(let s in zt)Bt[s]=Uo}if(Le)if(ce=
Mt("table",Mc,g),lt=Mt("tbody",null,ce),Q.mount(l,ce),ut){_t=Mt("thead",null,ce,lt);let n=Mt("tr",null,_t);Mt("th",null,n);for(var Sl in zt)Mt("th",Zs,n).textContent=
Sl}else rt(ce,Lc),Q.live&&rt(ce,Ac);let _l={show:!0},Zl={show:!1};function yn(n,s){if(s==0&&(ut||!Q.live||i==2))return Gl;let c=[],a=Mt("tr",Dc,lt,lt.childNodes[s]);
rt(a,n.class),n.show||rt(a,ml);let u=Mt("th",null,a);if(ve.show){let S=yt(Cc,u);if(s>0){let v=ve.width(l,s);v&&(S.style.border=v+"px "+ve.dash(l,s)+" "+ve.stroke(
l,s)),S.style.background=ve.fill(l,s)}}let m=yt(Zs,u);n.label instanceof HTMLElement?m.appendChild(n.label):m.textContent=n.label,s>0&&(ve.show||(m.style.color=
n.width>0?ve.stroke(l,s):ve.fill(l,s)),qe("click",u,S=>{if(O._lock)return;sl(S);let v=b.indexOf(n);if((S.ctrlKey||S.metaKey)!=Q.isolate){let T=b.some((E,A)=>A>0&&
A!=v&&E.show);b.forEach((E,A)=>{A>0&&Nt(A,T?A==v?_l:Zl:_l,!0,Me.setSeries)})}else Nt(v,{show:!n.show},!0,Me.setSeries)},!1),kl&&qe(ti,u,S=>{O._lock||(sl(S),Nt(b.
indexOf(n),Rl,!0,Me.setSeries))},!1));for(var y in zt){let S=Mt("td",Pc,a);S.textContent="--",c.push(S)}return[a,c]}let el=new Map;function qe(n,s,c,a=!0){let u=el.
get(s)||{},m=O.bind[n](l,s,c,a);m&&(dl(n,s,u[n]=m),el.set(s,u))}function vl(n,s,c){let a=el.get(s)||{};for(let u in a)(n==null||u==n)&&(Ro(u,s,a[u]),delete a[u]);
n==null&&el.delete(s)}let Ft=0,tl=0,q=0,M=0,me=0,De=0,bl=me,ll=De,Ct=q,nl=M,nt=0,ht=0,et=0,vt=0;l.bbox={};let Jn=!1,Sn=!1,xl=!1,ol=!1,_n=!1,pt=!1;function Zn(n,s,c){
(c||n!=l.width||s!=l.height)&&cs(n,s),Ll(!1),xl=!0,Sn=!0,Dl()}function cs(n,s){l.width=Ft=q=n,l.height=tl=M=s,me=De=0,zr(),Fr();let c=l.bbox;nt=c.left=hl(me*re,
.5),ht=c.top=hl(De*re,.5),et=c.width=hl(q*re,.5),vt=c.height=hl(M*re,.5)}let $r=3;function Rr(){let n=!1,s=0;for(;!n;){s++;let c=qr(s),a=Kr(s);n=s==$r||c&&a,n||
(cs(l.width,l.height),Sn=!0)}}function Vr({width:n,height:s}){Zn(n,s)}l.setSize=Vr;function zr(){let n=!1,s=!1,c=!1,a=!1;F.forEach((u,m)=>{if(u.show&&u._show){let{
side:y,_size:S}=u,v=y%2,T=u.label!=null?u.labelSize:0,E=S+T;E>0&&(v?(q-=E,y==3?(me+=E,a=!0):c=!0):(M-=E,y==0?(De+=E,n=!0):s=!0))}}),il[0]=n,il[1]=c,il[2]=s,il[3]=
a,q-=Yt[1]+Yt[3],me+=Yt[3],M-=Yt[2]+Yt[0],De+=Yt[0]}function Fr(){let n=me+q,s=De+M,c=me,a=De;function u(m,y){switch(m){case 1:return n+=y,n-y;case 2:return s+=
y,s-y;case 3:return c-=y,c+y;case 0:return a-=y,a+y}}F.forEach((m,y)=>{if(m.show&&m._show){let S=m.side;m._pos=u(S,m._size),m.label!=null&&(m._lpos=u(S,m.labelSize))}})}
if(O.dataIdx==null){let n=O.hover,s=n.skip=new Set(n.skip??[]);s.add(void 0);let c=n.prox=te(n.prox),a=n.bias??(n.bias=0);O.dataIdx=(u,m,y,S)=>{if(m==0)return y;
let v=y,T=c(u,m,y,S)??he,E=T>=0&&T<he,A=k.ori==0?q:M,U=O.left,ie=t[0],oe=t[m];if(s.has(oe[y])){v=null;let X=null,W=null,$;if(a==0||a==-1)for($=y;X==null&&$-- >0;)
s.has(oe[$])||(X=$);if(a==0||a==1)for($=y;W==null&&$++<oe.length;)s.has(oe[$])||(W=$);if(X!=null||W!=null)if(E){let ye=X==null?-1/0:N(ie[X],k,A,0),ke=W==null?1/0:
N(ie[W],k,A,0),We=U-ye,ue=ke-U;We<=ue?We<=T&&(v=X):ue<=T&&(v=W)}else v=W==null?X:X==null?W:y-X<=W-y?X:W}else E&&Ne(U-N(ie[y],k,A,0))>T&&(v=null);return v}}let sl=n=>{
O.event=n};O.idxs=fe,O._lock=!1;let Be=O.points;Be.show=te(Be.show),Be.size=te(Be.size),Be.stroke=te(Be.stroke),Be.width=te(Be.width),Be.fill=te(Be.fill);let Pt=l.
focus=Ae({},e.focus||{alpha:.3},O.focus),kl=Pt.prox>=0,Tl=kl&&Be.one,mt=[],El=[],Ml=[];function as(n,s){let c=Be.show(l,s);if(c instanceof HTMLElement)return rt(
c,Ec),rt(c,n.class),Vt(c,-10,-10,q,M),P.insertBefore(c,mt[s]),c}function fs(n,s){if(i==1||s>0){let c=i==1&&x[n.scale].time,a=n.value;n.value=c?gi(a)?xi(le,bi(a,
R)):a||ne:a||Ha,n.label=n.label||(c?Pa:Ca)}if(Tl||s>0){n.width=n.width==null?1:n.width,n.paths=n.paths||ef||Uc,n.fillTo=te(n.fillTo||Ba),n.pxAlign=+se(n.pxAlign,
z),n.pxRound=Pi(n.pxAlign),n.stroke=te(n.stroke||null),n.fill=te(n.fill||null),n._stroke=n._fill=n._paths=n._focus=null;let c=Wa(Qe(1,n.width),1),a=n.points=Ae(
{},{size:c,width:Qe(1,c*.2),stroke:n.stroke,space:c*2,paths:tf,_stroke:null,_fill:null},n.points);a.show=te(a.show),a.filter=te(a.filter),a.fill=te(a.fill),a.stroke=
te(a.stroke),a.paths=te(a.paths),a.pxAlign=n.pxAlign}if(Le){let c=yn(n,s);xe.splice(s,0,c[0]),Dt.splice(s,0,c[1]),Q.values.push(null)}if(je){fe.splice(s,0,null);
let c=null;Tl?s==0&&(c=as(n,s)):s>0&&(c=as(n,s)),mt.splice(s,0,c),El.splice(s,0,0),Ml.splice(s,0,0)}He("addSeries",s)}function Hr(n,s){s=s??b.length,n=i==1?Io(n,
s,Ti,Di):Io(n,s,{},Li),b.splice(s,0,n),fs(b[s],s)}l.addSeries=Hr;function Wr(n){if(b.splice(n,1),Le){Q.values.splice(n,1),Dt.splice(n,1);let s=xe.splice(n,1)[0];
vl(null,s.firstChild),s.remove()}je&&(fe.splice(n,1),mt.splice(n,1)[0].remove(),El.splice(n,1),Ml.splice(n,1)),He("delSeries",n)}l.delSeries=Wr;let il=[!1,!1,!1,
!1];function Ir(n,s){if(n._show=n.show,n.show){let c=n.side%2,a=x[n.scale];a==null&&(n.scale=c?b[1].scale:D,a=x[n.scale]);let u=a.time;n.size=te(n.size),n.space=
te(n.space),n.rotate=te(n.rotate),Qt(n.incrs)&&n.incrs.forEach(y=>{!Xt.has(y)&&Xt.set(y,Bi(y))}),n.incrs=te(n.incrs||(a.distr==2?ha:u?I==1?ma:wa:pl)),n.splits=te(
n.splits||(u&&a.distr==1?Xe:a.distr==3?zo:a.distr==4?$a:Oa)),n.stroke=te(n.stroke),n.grid.stroke=te(n.grid.stroke),n.ticks.stroke=te(n.ticks.stroke),n.border.stroke=
te(n.border.stroke);let m=n.values;n.values=Qt(m)&&!Qt(m[0])?te(m):u?Qt(m)?vi(le,_i(m,R)):gi(m)?_a(le,m):m||_e:m||Na,n.filter=te(n.filter||(a.distr>=3&&a.log==10?
za:a.distr==3&&a.log==2?Fa:Gi)),n.font=Ri(n.font),n.labelFont=Ri(n.labelFont),n._size=n.size(l,null,s,0),n._space=n._rotate=n._incrs=n._found=n._splits=n._values=
null,n._size>0&&(il[s]=!0,n._el=yt(bc,w))}}function Ql(n,s,c,a){let[u,m,y,S]=c,v=s%2,T=0;return v==0&&(S||m)&&(T=s==0&&!u||s==2&&!y?Pe(ki.size/3):0),v==1&&(u||y)&&
(T=s==1&&!m||s==3&&!S?Pe(Mi.size/2):0),T}let us=l.padding=(e.padding||[Ql,Ql,Ql,Ql]).map(n=>te(se(n,Ql))),Yt=l._padding=us.map((n,s)=>n(l,s,il,0)),Ge,Re=null,Ve=null,
vn=i==1?b[0].idxs:null,bt=null,Xl=!1;function hs(n,s){if(t=n??[],l.data=l._data=t,i==2){Ge=0;for(let c=1;c<b.length;c++)Ge+=t[c][0].length}else{t.length==0&&(l.
data=l._data=t=[[]]),bt=t[0],Ge=bt.length;let c=t;if(K==2){c=t.slice();let a=c[0]=Array(Ge);for(let u=0;u<Ge;u++)a[u]=u}l._data=t=c}if(Ll(!0),He("setData"),K==2&&
(xl=!0),s!==!1){let c=k;c.auto(l,Xl)?Qn():qt(D,c.min,c.max),ol=ol||O.left>=0,pt=!0,Dl()}}l.setData=hs;function Qn(){Xl=!0;let n,s;i==1&&(Ge>0?(Re=vn[0]=0,Ve=vn[1]=
Ge-1,n=t[0][Re],s=t[0][Ve],K==2?(n=Re,s=Ve):n==s&&(K==3?[n,s]=Fn(n,n,k.log,!1):K==4?[n,s]=Yo(n,n,k.log,!1):k.time?s=n+Pe(86400/I):[n,s]=Rn(n,s,jo,!0))):(Re=vn[0]=
n=null,Ve=vn[1]=s=null)),qt(D,n,s)}let bn,Al,Xn,eo,to,lo,no,oo,so,tt;function ps(n,s,c,a,u,m){n??(n=Xs),c??(c=Ko),a??(a="butt"),u??(u=Xs),m??(m="round"),n!=bn&&
(d.strokeStyle=bn=n),u!=Al&&(d.fillStyle=Al=u),s!=Xn&&(d.lineWidth=Xn=s),m!=to&&(d.lineJoin=to=m),a!=lo&&(d.lineCap=lo=a),c!=eo&&d.setLineDash(eo=c)}function ms(n,s,c,a){
s!=Al&&(d.fillStyle=Al=s),n!=no&&(d.font=no=n),c!=oo&&(d.textAlign=oo=c),a!=so&&(d.textBaseline=so=a)}function io(n,s,c,a,u=0){if(a.length>0&&n.auto(l,Xl)&&(s==
null||s.min==null)){let m=se(Re,0),y=se(Ve,a.length-1),S=c.min==null?zc(a,m,y,u,n.distr==3):[c.min,c.max];n.min=Lt(n.min,c.min=S[0]),n.max=Qe(n.max,c.max=S[1])}}
let ds={min:null,max:null};function Gr(){for(let a in x){let u=x[a];V[a]==null&&(u.min==null||V[D]!=null&&u.auto(l,Xl))&&(V[a]=ds)}for(let a in x){let u=x[a];V[a]==
null&&u.from!=null&&V[u.from]!=null&&(V[a]=ds)}V[D]!=null&&Ll(!0);let n={};for(let a in V){let u=V[a];if(u!=null){let m=n[a]=Ul(x[a],jc);if(u.min!=null)Ae(m,u);else if(a!=
D||i==2)if(Ge==0&&m.from==null){let y=m.range(l,null,null,a);m.min=y[0],m.max=y[1]}else m.min=he,m.max=-he}}if(Ge>0){b.forEach((a,u)=>{if(i==1){let m=a.scale,y=V[m];
if(y==null)return;let S=n[m];if(u==0){let v=S.range(l,S.min,S.max,m);S.min=v[0],S.max=v[1],Re=At(S.min,t[0]),Ve=At(S.max,t[0]),Ve-Re>1&&(t[0][Re]<S.min&&Re++,t[0][Ve]>
S.max&&Ve--),a.min=bt[Re],a.max=bt[Ve]}else a.show&&a.auto&&io(S,y,a,t[u],a.sorted);a.idxs[0]=Re,a.idxs[1]=Ve}else if(u>0&&a.show&&a.auto){let[m,y]=a.facets,S=m.
scale,v=y.scale,[T,E]=t[u],A=n[S],U=n[v];A!=null&&io(A,V[S],m,T,m.sorted),U!=null&&io(U,V[v],y,E,y.sorted),a.min=y.min,a.max=y.max}});for(let a in n){let u=n[a],
m=V[a];if(u.from==null&&(m==null||m.min==null)){let y=u.range(l,u.min==he?null:u.min,u.max==-he?null:u.max,a);u.min=y[0],u.max=y[1]}}}for(let a in n){let u=n[a];
if(u.from!=null){let m=n[u.from];if(m.min==null)u.min=u.max=null;else{let y=u.range(l,m.min,m.max,a);u.min=y[0],u.max=y[1]}}}let s={},c=!1;for(let a in n){let u=n[a],
m=x[a];if(m.min!=u.min||m.max!=u.max){m.min=u.min,m.max=u.max;let y=m.distr;m._min=y==3?Gt(m.min):y==4?Lo(m.min,m.asinh):y==100?m.fwd(m.min):m.min,m._max=y==3?Gt(
m.max):y==4?Lo(m.max,m.asinh):y==100?m.fwd(m.max):m.max,s[a]=c=!0}}if(c){b.forEach((a,u)=>{i==2?u>0&&s.y&&(a._paths=null):s[a.scale]&&(a._paths=null)});for(let a in s)
xl=!0,He("setScale",a);je&&O.left>=0&&(ol=pt=!0)}for(let a in V)V[a]=null}function Ur(n){let s=Vo(Re-1,0,Ge-1),c=Vo(Ve+1,0,Ge-1);for(;n[s]==null&&s>0;)s--;for(;n[c]==
null&&c<Ge-1;)c++;return[s,c]}function Br(){if(Ge>0){let n=b.some(s=>s._focus)&&tt!=Pt.alpha;n&&(d.globalAlpha=tt=Pt.alpha),b.forEach((s,c)=>{if(c>0&&s.show&&(gs(
c,!1),gs(c,!0),s._paths==null)){let a=tt;tt!=s.alpha&&(d.globalAlpha=tt=s.alpha);let u=i==2?[0,t[c][0].length-1]:Ur(t[c]);s._paths=s.paths(l,c,u[0],u[1]),tt!=a&&
(d.globalAlpha=tt=a)}}),b.forEach((s,c)=>{if(c>0&&s.show){let a=tt;tt!=s.alpha&&(d.globalAlpha=tt=s.alpha),s._paths!=null&&ws(c,!1);{let u=s._paths!=null?s._paths.
gaps:null,m=s.points.show(l,c,Re,Ve,u),y=s.points.filter(l,c,m,u);(m||y)&&(s.points._paths=s.points.paths(l,c,Re,Ve,y),ws(c,!0))}tt!=a&&(d.globalAlpha=tt=a),He(
"drawSeries",c)}}),n&&(d.globalAlpha=tt=1)}}function gs(n,s){let c=s?b[n].points:b[n];c._stroke=c.stroke(l,n),c._fill=c.fill(l,n)}function ws(n,s){let c=s?b[n].
points:b[n],{stroke:a,fill:u,clip:m,flags:y,_stroke:S=c._stroke,_fill:v=c._fill,_width:T=c.width}=c._paths;T=pe(T*re,3);let E=null,A=T%2/2;s&&v==null&&(v=T>0?"#\
fff":S);let U=c.pxAlign==1&&A>0;if(U&&d.translate(A,A),!s){let ie=nt-T/2,oe=ht-T/2,X=et+T,W=vt+T;E=new Path2D,E.rect(ie,oe,X,W)}s?ro(S,T,c.dash,c.cap,v,a,u,y,m):
Yr(n,S,T,c.dash,c.cap,v,a,u,y,E,m),U&&d.translate(-A,-A)}function Yr(n,s,c,a,u,m,y,S,v,T,E){let A=!1;v!=0&&J.forEach((U,ie)=>{if(U.series[0]==n){let oe=b[U.series[1]],
X=t[U.series[1]],W=(oe._paths||mn).band;Qt(W)&&(W=U.dir==1?W[0]:W[1]);let $,ye=null;oe.show&&W&&Hc(X,Re,Ve)?(ye=U.fill(l,ie)||m,$=oe._paths.clip):W=null,ro(s,c,
a,u,ye,y,S,v,T,E,$,W),A=!0}}),A||ro(s,c,a,u,m,y,S,v,T,E)}let ys=Bl|Ho;function ro(n,s,c,a,u,m,y,S,v,T,E,A){ps(n,s,c,a,u),(v||T||A)&&(d.save(),v&&d.clip(v),T&&d.
clip(T)),A?(S&ys)==ys?(d.clip(A),E&&d.clip(E),kn(u,y),xn(n,m,s)):S&Ho?(kn(u,y),d.clip(A),xn(n,m,s)):S&Bl&&(d.save(),d.clip(A),E&&d.clip(E),kn(u,y),d.restore(),xn(
n,m,s)):(kn(u,y),xn(n,m,s)),(v||T||A)&&d.restore()}function xn(n,s,c){c>0&&(s instanceof Map?s.forEach((a,u)=>{d.strokeStyle=bn=u,d.stroke(a)}):s!=null&&n&&d.stroke(
s))}function kn(n,s){s instanceof Map?s.forEach((c,a)=>{d.fillStyle=Al=a,d.fill(c)}):s!=null&&n&&d.fill(s)}function jr(n,s,c,a){let u=F[n],m;if(a<=0)m=[0,0];else{
let y=u._space=u.space(l,n,s,c,a),S=u._incrs=u.incrs(l,n,s,c,a,y);m=cf(s,c,S,a,y)}return u._found=m}function co(n,s,c,a,u,m,y,S,v,T){let E=y%2/2;z==1&&d.translate(
E,E),ps(S,y,v,T,S),d.beginPath();let A,U,ie,oe,X=u+(a==0||a==3?-m:m);c==0?(U=u,oe=X):(A=u,ie=X);for(let W=0;W<n.length;W++)s[W]!=null&&(c==0?A=ie=n[W]:U=oe=n[W],
d.moveTo(A,U),d.lineTo(ie,oe));d.stroke(),z==1&&d.translate(-E,-E)}function qr(n){let s=!0;return F.forEach((c,a)=>{if(!c.show)return;let u=x[c.scale];if(u.min==
null){c._show&&(s=!1,c._show=!1,Ll(!1));return}else c._show||(s=!1,c._show=!0,Ll(!1));let m=c.side,y=m%2,{min:S,max:v}=u,[T,E]=jr(a,S,v,y==0?q:M);if(E==0)return;
let A=u.distr==2,U=c._splits=c.splits(l,a,S,v,T,E,A),ie=u.distr==2?U.map($=>bt[$]):U,oe=u.distr==2?bt[U[1]]-bt[U[0]]:T,X=c._values=c.values(l,c.filter(l,ie,a,E,
oe),a,E,oe);c._rotate=m==2?c.rotate(l,X,a,E):0;let W=c._size;c._size=St(c.size(l,X,a,n)),W!=null&&c._size!=W&&(s=!1)}),s}function Kr(n){let s=!0;return us.forEach(
(c,a)=>{let u=c(l,a,il,n);u!=Yt[a]&&(s=!1),Yt[a]=u}),s}function Jr(){for(let n=0;n<F.length;n++){let s=F[n];if(!s.show||!s._show)continue;let c=s.side,a=c%2,u,m,
y=s.stroke(l,n),S=c==0||c==3?-1:1,[v,T]=s._found;if(s.label!=null){let Je=s.labelGap*S,it=Pe((s._lpos+Je)*re);ms(s.labelFont[0],y,"center",c==2?"top":Qs),d.save(),
a==1?(u=m=0,d.translate(it,Pe(ht+vt/2)),d.rotate((c==3?-On:On)/2)):(u=Pe(nt+et/2),m=it);let al=Wi(s.label)?s.label(l,n,v,T):s.label;d.fillText(al,u,m),d.restore()}
if(T==0)continue;let E=x[s.scale],A=a==0?et:vt,U=a==0?nt:ht,ie=s._splits,oe=E.distr==2?ie.map(Je=>bt[Je]):ie,X=E.distr==2?bt[ie[1]]-bt[ie[0]]:v,W=s.ticks,$=s.border,
ye=W.show?W.size:0,ke=Pe(ye*re),We=Pe((s.alignTo==2?s._size-ye-s.gap:s.gap)*re),ue=s._rotate*-On/180,Te=H(s._pos*re),ot=(ke+We)*S,Ke=Te+ot;m=a==0?Ke:0,u=a==1?Ke:
0;let dt=s.font[0],xt=s.align==1?Fl:s.align==2?Eo:ue>0?Fl:ue<0?Eo:a==0?"center":c==3?Eo:Fl,$t=ue||a==1?"middle":c==2?"top":Qs;ms(dt,y,xt,$t);let st=s.font[1]*s.
lineGap,gt=ie.map(Je=>H(h(Je,E,A,U))),kt=s._values;for(let Je=0;Je<kt.length;Je++){let it=kt[Je];if(it!=null){a==0?u=gt[Je]:m=gt[Je],it=""+it;let al=it.indexOf(
`
`)==-1?[it]:it.split(/\n/gm);for(let Ze=0;Ze<al.length;Ze++){let Vs=al[Ze];ue?(d.save(),d.translate(u,m+Ze*st),d.rotate(ue),d.fillText(Vs,0,0),d.restore()):d.fillText(
Vs,u,m+Ze*st)}}}W.show&&co(gt,W.filter(l,oe,n,T,X),a,c,Te,ke,pe(W.width*re,3),W.stroke(l,n),W.dash,W.cap);let Rt=s.grid;Rt.show&&co(gt,Rt.filter(l,oe,n,T,X),a,a==
0?2:1,a==0?ht:nt,a==0?vt:et,pe(Rt.width*re,3),Rt.stroke(l,n),Rt.dash,Rt.cap),$.show&&co([Te],[1],a==0?1:0,a==0?1:2,a==1?ht:nt,a==1?vt:et,pe($.width*re,3),$.stroke(
l,n),$.dash,$.cap)}He("drawAxes")}function Ll(n){b.forEach((s,c)=>{c>0&&(s._paths=null,n&&(i==1?(s.min=null,s.max=null):s.facets.forEach(a=>{a.min=null,a.max=null})))})}
let Tn=!1,ao=!1,en=[];function Zr(){ao=!1;for(let n=0;n<en.length;n++)He(...en[n]);en.length=0}function Dl(){Tn||(ea(Ss),Tn=!0)}function Qr(n,s=!1){Tn=!0,ao=s,n(
l),Ss(),s&&en.length>0&&queueMicrotask(Zr)}l.batch=Qr;function Ss(){if(Jn&&(Gr(),Jn=!1),xl&&(Rr(),xl=!1),Sn){if(Se(C,Fl,me),Se(C,"top",De),Se(C,fn,q),Se(C,un,M),
Se(P,Fl,me),Se(P,"top",De),Se(P,fn,q),Se(P,un,M),Se(w,fn,Ft),Se(w,un,tl),_.width=Pe(Ft*re),_.height=Pe(tl*re),F.forEach(({_el:n,_show:s,_size:c,_pos:a,side:u})=>{
if(n!=null)if(s){let m=u===3||u===0?c:0,y=u%2==1;Se(n,y?"left":"top",a-m),Se(n,y?"width":"height",c),Se(n,y?"top":"left",y?De:me),Se(n,y?"height":"width",y?M:q),
$o(n,ml)}else rt(n,ml)}),bn=Al=Xn=to=lo=no=oo=so=eo=null,tt=1,nn(!0),me!=bl||De!=ll||q!=Ct||M!=nl){Ll(!1);let n=q/Ct,s=M/nl;if(je&&!ol&&O.left>=0){O.left*=n,O.top*=
s,Cl&&Vt(Cl,Pe(O.left),0,q,M),Pl&&Vt(Pl,0,Pe(O.top),q,M);for(let c=0;c<mt.length;c++){let a=mt[c];a!=null&&(El[c]*=n,Ml[c]*=s,Vt(a,St(El[c]),St(Ml[c]),q,M))}}if(we.
show&&!_n&&we.left>=0&&we.width>0){we.left*=n,we.width*=n,we.top*=s,we.height*=s;for(let c in go)Se($l,c,we[c])}bl=me,ll=De,Ct=q,nl=M}He("setSize"),Sn=!1}Ft>0&&
tl>0&&(d.clearRect(0,0,_.width,_.height),He("drawClear"),j.forEach(n=>n()),He("draw")),we.show&&_n&&(En(we),_n=!1),je&&ol&&(cl(null,!0,!1),ol=!1),Q.show&&Q.live&&
pt&&(po(),pt=!1),p||(p=!0,l.status=1,He("ready")),Xl=!1,Tn=!1}l.redraw=(n,s)=>{xl=s||!1,n!==!1?qt(D,k.min,k.max):Dl()};function fo(n,s){let c=x[n];if(c.from==null){
if(Ge==0){let a=c.range(l,s.min,s.max,n);s.min=a[0],s.max=a[1]}if(s.min>s.max){let a=s.min;s.min=s.max,s.max=a}if(Ge>1&&s.min!=null&&s.max!=null&&s.max-s.min<1e-16)
return;n==D&&c.distr==2&&Ge>0&&(s.min=At(s.min,t[0]),s.max=At(s.max,t[0]),s.min==s.max&&s.max++),V[n]=s,Jn=!0,Dl()}}l.setScale=fo;let uo,ho,Cl,Pl,_s,vs,Nl,Ol,bs,
xs,ge,be,jt=!1,Ue=O.drag,ze=Ue.x,Fe=Ue.y;je&&(O.x&&(uo=yt(kc,P)),O.y&&(ho=yt(Tc,P)),k.ori==0?(Cl=uo,Pl=ho):(Cl=ho,Pl=uo),ge=O.left,be=O.top);let we=l.select=Ae(
{show:!0,over:!0,left:0,width:0,top:0,height:0},e.select),$l=we.show?yt(xc,we.over?P:C):null;function En(n,s){if(we.show){for(let c in n)we[c]=n[c],c in go&&Se(
$l,c,n[c]);s!==!1&&He("setSelect")}}l.setSelect=En;function Xr(n){if(b[n].show)Le&&$o(xe[n],ml);else if(Le&&rt(xe[n],ml),je){let c=Tl?mt[0]:mt[n];c!=null&&Vt(c,
-10,-10,q,M)}}function qt(n,s,c){fo(n,{min:s,max:c})}function Nt(n,s,c,a){s.focus!=null&&oc(n),s.show!=null&&b.forEach((u,m)=>{m>0&&(n==m||n==null)&&(u.show=s.show,
Xr(m),i==2?(qt(u.facets[0].scale,null,null),qt(u.facets[1].scale,null,null)):qt(u.scale,null,null),Dl())}),c!==!1&&He("setSeries",n,s),a&&on("setSeries",l,n,s)}
l.setSeries=Nt;function ec(n,s){Ae(J[n],s)}function tc(n,s){n.fill=te(n.fill||null),n.dir=se(n.dir,-1),s=s??J.length,J.splice(s,0,n)}function lc(n){n==null?J.length=
0:J.splice(n,1)}l.addBand=tc,l.setBand=ec,l.delBand=lc;function nc(n,s){b[n].alpha=s,je&&mt[n]!=null&&(mt[n].style.opacity=s),Le&&xe[n]&&(xe[n].style.opacity=s)}
let Ht,Kt,rl,Rl={focus:!0};function oc(n){if(n!=rl){let s=n==null,c=Pt.alpha!=1;b.forEach((a,u)=>{if(i==1||u>0){let m=s||u==0||u==n;a._focus=s?null:m,c&&nc(u,m?
1:Pt.alpha)}}),rl=n,c&&Dl()}}Le&&kl&&qe(li,ce,n=>{O._lock||(sl(n),rl!=null&&Nt(null,Rl,!0,Me.setSeries))});function Ot(n,s,c){let a=x[s];c&&(n=n/re-(a.ori==1?De:
me));let u=q;a.ori==1&&(u=M,n=u-n),a.dir==-1&&(n=u-n);let m=a._min,y=a._max,S=n/u,v=m+(y-m)*S,T=a.distr;return T==3?Il(10,v):T==4?Ic(v,a.asinh):T==100?a.bwd(v):
v}function sc(n,s){let c=Ot(n,D,s);return At(c,t[0],Re,Ve)}l.valToIdx=n=>At(n,t[0]),l.posToIdx=sc,l.posToVal=Ot,l.valToPos=(n,s,c)=>x[s].ori==0?r(n,x[s],c?et:q,
c?nt:0):f(n,x[s],c?vt:M,c?ht:0),l.setCursor=(n,s,c)=>{ge=n.left,be=n.top,cl(null,s,c)};function ks(n,s){Se($l,Fl,we.left=n),Se($l,fn,we.width=s)}function Ts(n,s){
Se($l,"top",we.top=n),Se($l,un,we.height=s)}let tn=k.ori==0?ks:Ts,ln=k.ori==1?ks:Ts;function ic(){if(Le&&Q.live)for(let n=i==2?1:0;n<b.length;n++){if(n==0&&ut)continue;
let s=Q.values[n],c=0;for(let a in s)Dt[n][c++].firstChild.nodeValue=s[a]}}function po(n,s){if(n!=null&&(n.idxs?n.idxs.forEach((c,a)=>{fe[a]=c}):Yc(n.idx)||fe.fill(
n.idx),Q.idx=fe[0]),Le&&Q.live){for(let c=0;c<b.length;c++)(c>0||i==1&&!ut)&&rc(c,fe[c]);ic()}pt=!1,s!==!1&&He("setLegend")}l.setLegend=po;function rc(n,s){let c=b[n],
a=n==0&&K==2?bt:t[n],u;ut?u=c.values(l,n,s)??Bt:(u=c.value(l,s==null?null:a[s],n,s),u=u==null?Bt:{_:u}),Q.values[n]=u}function cl(n,s,c){bs=ge,xs=be,[ge,be]=O.move(
l,ge,be),O.left=ge,O.top=be,je&&(Cl&&Vt(Cl,Pe(ge),0,q,M),Pl&&Vt(Pl,0,Pe(be),q,M));let a,u=Re>Ve;Ht=he,Kt=null;let m=k.ori==0?q:M,y=k.ori==1?q:M;if(ge<0||Ge==0||
u){a=O.idx=null;for(let S=0;S<b.length;S++){let v=mt[S];v!=null&&Vt(v,-10,-10,q,M)}kl&&Nt(null,Rl,!0,n==null&&Me.setSeries),Q.live&&(fe.fill(a),pt=!0)}else{let S,
v,T;i==1&&(S=k.ori==0?ge:be,v=Ot(S,D),a=O.idx=At(v,t[0],Re,Ve),T=N(t[0][a],k,m,0));let E=-10,A=-10,U=0,ie=0,oe=!0,X="",W="";for(let $=i==2?1:0;$<b.length;$++){let ye=b[$],
ke=fe[$],We=ke==null?null:i==1?t[$][ke]:t[$][1][ke],ue=O.dataIdx(l,$,a,v),Te=ue==null?null:i==1?t[$][ue]:t[$][1][ue];if(pt=pt||Te!=We||ue!=ke,fe[$]=ue,$>0&&ye.show){
let ot=ue==null?-10:ue==a?T:N(i==1?t[0][ue]:t[$][0][ue],k,m,0),Ke=Te==null?-10:G(Te,i==1?x[ye.scale]:x[ye.facets[1].scale],y,0);if(kl&&Te!=null){let dt=k.ori==1?
ge:be,xt=Ne(Pt.dist(l,$,ue,Ke,dt));if(xt<Ht){let $t=Pt.bias;if($t!=0){let st=Ot(dt,ye.scale),gt=Te>=0?1:-1,kt=st>=0?1:-1;kt==gt&&(kt==1?$t==1?Te>=st:Te<=st:$t==
1?Te<=st:Te>=st)&&(Ht=xt,Kt=$)}else Ht=xt,Kt=$}}if(pt||Tl){let dt,xt;k.ori==0?(dt=ot,xt=Ke):(dt=Ke,xt=ot);let $t,st,gt,kt,Rt,Je,it=!0,al=Be.bbox;if(al!=null){it=
!1;let Ze=al(l,$);gt=Ze.left,kt=Ze.top,$t=Ze.width,st=Ze.height}else gt=dt,kt=xt,$t=st=Be.size(l,$);if(Je=Be.fill(l,$),Rt=Be.stroke(l,$),Tl)$==Kt&&Ht<=Pt.prox&&
(E=gt,A=kt,U=$t,ie=st,oe=it,X=Je,W=Rt);else{let Ze=mt[$];Ze!=null&&(El[$]=gt,Ml[$]=kt,ai(Ze,$t,st,it),ri(Ze,Je,Rt),Vt(Ze,St(gt),St(kt),q,M))}}}}if(Tl){let $=Pt.
prox,ye=rl==null?Ht<=$:Ht>$||Kt!=rl;if(pt||ye){let ke=mt[0];ke!=null&&(El[0]=E,Ml[0]=A,ai(ke,U,ie,oe),ri(ke,X,W),Vt(ke,St(E),St(A),q,M))}}}if(we.show&&jt)if(n!=
null){let[S,v]=Me.scales,[T,E]=Me.match,[A,U]=n.cursor.sync.scales,ie=n.cursor.drag;if(ze=ie._x,Fe=ie._y,ze||Fe){let{left:oe,top:X,width:W,height:$}=n.select,ye=n.
scales[A].ori,ke=n.posToVal,We,ue,Te,ot,Ke,dt=S!=null&&T(S,A),xt=v!=null&&E(v,U);dt&&ze?(ye==0?(We=oe,ue=W):(We=X,ue=$),Te=x[S],ot=N(ke(We,A),Te,m,0),Ke=N(ke(We+
ue,A),Te,m,0),tn(Lt(ot,Ke),Ne(Ke-ot))):tn(0,m),xt&&Fe?(ye==1?(We=oe,ue=W):(We=X,ue=$),Te=x[v],ot=G(ke(We,U),Te,y,0),Ke=G(ke(We+ue,U),Te,y,0),ln(Lt(ot,Ke),Ne(Ke-
ot))):ln(0,y)}else wo()}else{let S=Ne(bs-_s),v=Ne(xs-vs);if(k.ori==1){let U=S;S=v,v=U}ze=Ue.x&&S>=Ue.dist,Fe=Ue.y&&v>=Ue.dist;let T=Ue.uni;T!=null?ze&&Fe&&(ze=S>=
T,Fe=v>=T,!ze&&!Fe&&(v>S?Fe=!0:ze=!0)):Ue.x&&Ue.y&&(ze||Fe)&&(ze=Fe=!0);let E,A;ze&&(k.ori==0?(E=Nl,A=ge):(E=Ol,A=be),tn(Lt(E,A),Ne(A-E)),Fe||ln(0,y)),Fe&&(k.ori==
1?(E=Nl,A=ge):(E=Ol,A=be),ln(Lt(E,A),Ne(A-E)),ze||tn(0,m)),!ze&&!Fe&&(tn(0,0),ln(0,0))}if(Ue._x=ze,Ue._y=Fe,n==null){if(c){if(Rs!=null){let[S,v]=Me.scales;Me.values[0]=
S!=null?Ot(k.ori==0?ge:be,S):null,Me.values[1]=v!=null?Ot(k.ori==1?ge:be,v):null}on(Mo,l,ge,be,q,M,a)}if(kl){let S=c&&Me.setSeries,v=Pt.prox;rl==null?Ht<=v&&Nt(
Kt,Rl,!0,S):Ht>v?Nt(null,Rl,!0,S):Kt!=rl&&Nt(Kt,Rl,!0,S)}}pt&&(Q.idx=a,po()),s!==!1&&He("setCursor")}let Jt=null;Object.defineProperty(l,"rect",{get(){return Jt==
null&&nn(!1),Jt}});function nn(n=!1){n?Jt=null:(Jt=P.getBoundingClientRect(),He("syncRect",Jt))}function Es(n,s,c,a,u,m,y){O._lock||jt&&n!=null&&n.movementX==0&&
n.movementY==0||(mo(n,s,c,a,u,m,y,!1,n!=null),n!=null?cl(null,!0,!0):cl(s,!0,!1))}function mo(n,s,c,a,u,m,y,S,v){if(Jt==null&&nn(!1),sl(n),n!=null)c=n.clientX-Jt.
left,a=n.clientY-Jt.top;else{if(c<0||a<0){ge=-10,be=-10;return}let[T,E]=Me.scales,A=s.cursor.sync,[U,ie]=A.values,[oe,X]=A.scales,[W,$]=Me.match,ye=s.axes[0].side%
2==1,ke=k.ori==0?q:M,We=k.ori==1?q:M,ue=ye?m:u,Te=ye?u:m,ot=ye?a:c,Ke=ye?c:a;if(oe!=null?c=W(T,oe)?h(U,x[T],ke,0):-10:c=ke*(ot/ue),X!=null?a=$(E,X)?h(ie,x[E],We,
0):-10:a=We*(Ke/Te),k.ori==1){let dt=c;c=a,a=dt}}v&&(s==null||s.cursor.event.type==Mo)&&((c<=1||c>=q-1)&&(c=hl(c,q)),(a<=1||a>=M-1)&&(a=hl(a,M))),S?(_s=c,vs=a,[
Nl,Ol]=O.move(l,c,a)):(ge=c,be=a)}let go={width:0,height:0,left:0,top:0};function wo(){En(go,!1)}let Ms,As,Ls,Ds;function Cs(n,s,c,a,u,m,y){jt=!0,ze=Fe=Ue._x=Ue.
_y=!1,mo(n,s,c,a,u,m,y,!0,!1),n!=null&&(qe(Ao,No,Ps,!1),on(ei,l,Nl,Ol,q,M,null));let{left:S,top:v,width:T,height:E}=we;Ms=S,As=v,Ls=T,Ds=E}function Ps(n,s,c,a,u,m,y){
jt=Ue._x=Ue._y=!1,mo(n,s,c,a,u,m,y,!1,!0);let{left:S,top:v,width:T,height:E}=we,A=T>0||E>0,U=Ms!=S||As!=v||Ls!=T||Ds!=E;if(A&&U&&En(we),Ue.setScale&&A&&U){let ie=S,
oe=T,X=v,W=E;if(k.ori==1&&(ie=v,oe=E,X=S,W=T),ze&&qt(D,Ot(ie,D),Ot(ie+oe,D)),Fe)for(let $ in x){let ye=x[$];$!=D&&ye.from==null&&ye.min!=he&&qt($,Ot(X+W,$),Ot(X,
$))}wo()}else O.lock&&(O._lock=!O._lock,cl(s,!0,n!=null));n!=null&&(vl(Ao,No),on(Ao,l,ge,be,q,M,null))}function cc(n,s,c,a,u,m,y){if(O._lock)return;sl(n);let S=jt;
if(jt){let v=!0,T=!0,E=10,A,U;k.ori==0?(A=ze,U=Fe):(A=Fe,U=ze),A&&U&&(v=ge<=E||ge>=q-E,T=be<=E||be>=M-E),A&&v&&(ge=ge<Nl?0:q),U&&T&&(be=be<Ol?0:M),cl(null,!0,!0),
jt=!1}ge=-10,be=-10,fe.fill(null),cl(null,!0,!0),S&&(jt=S)}function Ns(n,s,c,a,u,m,y){O._lock||(sl(n),Qn(),wo(),n!=null&&on(ni,l,ge,be,q,M,null))}function Os(){
F.forEach(af),Zn(l.width,l.height,!0)}dl($n,Wl,Os);let Vl={};Vl.mousedown=Cs,Vl.mousemove=Es,Vl.mouseup=Ps,Vl.dblclick=Ns,Vl.setSeries=(n,s,c,a)=>{let u=Me.match[2];
c=u(l,s,c),c!=-1&&Nt(c,a,!0,!1)},je&&(qe(ei,P,Cs),qe(Mo,P,Es),qe(ti,P,n=>{sl(n),nn(!1)}),qe(li,P,cc),qe(ni,P,Ns),Wo.add(l),l.syncRect=nn);let Mn=l.hooks=e.hooks||
{};function He(n,s,c){ao?en.push([n,s,c]):n in Mn&&Mn[n].forEach(a=>{a.call(null,l,s,c)})}(e.plugins||[]).forEach(n=>{for(let s in n.hooks)Mn[s]=(Mn[s]||[]).concat(
n.hooks[s])});let $s=(n,s,c)=>c,Me=Ae({key:null,setSeries:!1,filters:{pub:mi,sub:mi},scales:[D,b[1]?b[1].scale:null],match:[di,di,$s],values:[null,null]},O.sync);
Me.match.length==2&&Me.match.push($s),O.sync=Me;let Rs=Me.key,yo=ur(Rs);function on(n,s,c,a,u,m,y){Me.filters.pub(n,s,c,a,u,m,y)&&yo.pub(n,s,c,a,u,m,y)}yo.sub(l);
function ac(n,s,c,a,u,m,y){Me.filters.sub(n,s,c,a,u,m,y)&&Vl[n](null,s,c,a,u,m,y)}l.pub=ac;function fc(){yo.unsub(l),Wo.delete(l),el.clear(),Ro($n,Wl,Os),g.remove(),
ce?.remove(),He("destroy")}l.destroy=fc;function So(){He("init",e,t),hs(t||e.data,!1),V[D]?fo(D,V[D]):Qn(),_n=we.show&&(we.width>0||we.height>0),ol=pt=!0,Zn(e.width,
e.height)}return b.forEach(fs),F.forEach(Ir),o?o instanceof HTMLElement?(o.appendChild(g),So()):o(l,So):So(),l}Oe.assign=Ae;Oe.fmtNum=qo;Oe.rangeNum=Rn;Oe.rangeLog=
Fn;Oe.rangeAsinh=Yo;Oe.orient=wl;Oe.pxRatio=re;Oe.join=Xc;Oe.fmtDate=Jo,Oe.tzDate=fa;Oe.sync=ur;{Oe.addGap=Ya,Oe.clipGaps=In;let e=Oe.paths={points:wr};e.linear=
Sr,e.stepped=Ka,e.bars=Ja,e.spline=Qa}var xr=260,gn=null,ns=null,Yn=e=>getComputedStyle(document.documentElement).getPropertyValue(e).trim(),ff=e=>t=>{let o=e.findIndex(([,i])=>i!=="final");if(o<0)return;
let l=t.valToPos(t.data[0][o],"x",!0);t.ctx.save(),t.ctx.fillStyle=Yn("--wash"),t.ctx.fillRect(l,t.bbox.top,t.bbox.left+t.bbox.width-l,t.bbox.height),t.ctx.restore()};
function os(e,t){ns=[e,t];let o=Y("chart");if(gn&&gn.destroy(),o.replaceChildren(),!e.length)return;let l={stroke:Yn("--soft"),grid:{stroke:Yn("--line"),width:1},
ticks:{show:!1},font:"12px system-ui"};gn=new Oe({width:o.clientWidth,height:xr,tzDate:i=>Oe.tzDate(new Date(i*1e3),"UTC"),padding:[12,8,0,0],cursor:{points:{size:7},
drag:{x:!1,y:!1}},legend:{show:!1},scales:{y:{range:(i,r,f)=>{let[h,p]=[Math.min(0,r??0),Math.max(0,f??0)];return h===p?[0,1]:Oe.rangeNum(h,p,{min:{pad:.05,soft:0,
mode:1},max:{pad:.08,soft:0,mode:1}})}}},axes:[{...l,grid:{show:!1}},{...l,size:62,values:(i,r)=>r.map(Hs)}],series:[{},...t.map(([i,r,,f])=>({label:i,stroke:Yn(
r),width:f?1.25:2,dash:f?[3,4]:void 0,points:{show:e.length<3}}))],hooks:{drawClear:[ff(e)]}},[e.map(([i])=>Ws(i)),...t.map(([,,i])=>i)],o)}function ss(){ns&&os(
...ns)}new ResizeObserver(()=>{gn&&gn.setSize({width:Y("chart").clientWidth,height:xr})}).observe(Y("chart"));matchMedia("(prefers-color-scheme: dark)").addEventListener(
"change",ss);var kr=15*6e4,Tr=6e4,Er=12,ft=null,$e={},rs=null,Kl=null,Dr="money",jn="channel",Jl=0;async function Cr(e,t){let o=await fetch(e+(t?"?"+new URLSearchParams(t):""),
{headers:{Accept:"application/json"}});if(o.status===401)throw location.assign("/login"),new Error("sign in first");let l=await o.json().catch(()=>({error:`the \
server answered ${o.status}`}));if(!o.ok)throw new Error(l.error);return l}function wn(e){Y("trouble").hidden=!e,Y("trouble").textContent=e?`Not everything can \
be shown: ${e}.`:""}async function yl(e,t,o,l,i){Y(t).classList.add("busy");try{let r=await Cr(o,l);e===Jl&&i(r)}catch(r){if(e!==Jl)return;wn(r instanceof TypeError?
"the aggregator does not answer":r.message)}finally{e===Jl&&Y(t).classList.remove("busy")}}async function uf(){let e=++Jl,{site:t,from:o,to:l,model:i,basis:r}=$e,
f={site:t,from:o,to:l};wn(""),Y("csv").href="/api/campaigns.csv?"+new URLSearchParams({...f,model:i,basis:r}),history.replaceState(null,"","#"+new URLSearchParams(
$e)),await Promise.all([yl(e,"cards","/api/overview",{...f,model:i,basis:r},df),yl(e,"campaigns","/api/campaigns",{...f,model:i,basis:r},Bs)]),e===Jl&&(performance.
mark("shown"),await yl(e,"models","/api/models",{...f,basis:r},h=>{Kl=h,Or()}),await yl(e,"paths","/api/paths",f,wf),await yl(e,"quality","/api/quality",f,xf),await yl(
e,"experiments","/api/experiments",f,Sf),await yl(e,"quality-days","/api/quality-days",f,kf),e===Jl&&performance.mark("whole"))}var hf=[["cost","Spend",Ye,0],["\
net_revenue","Net revenue",Ye,1],["roas","ROAS",An,1],["roi","ROI",wt,1],["cpa","CPA",Ye,-1],["conversions","Conversions",Ee,1]],pf=new Set(["cost","net_revenue",
"cpa"]);function mf(e,t,o){if(!Et(e)||!Et(t))return L("span",{},"nothing before");let l=e-t;if(l===0)return L("span",{},"as before");let i=`${l>0?"\u25B2":"\u25BC"}\
 ${t>0?wt(Math.abs(l)/t):""}`;return L("span",{class:(l>0?"up":"down")+(o===0?"":l*o>0?" good":" bad")},L("span",{role:"img","aria-label":(l>0?"up ":"down ")+(t>
0?wt(Math.abs(l)/t):"")},i))}function Pr(e){let t=e?.now||{},o=e?.before||{};Ie(Y("cards"),...hf.map(([l,i,r,f])=>L("div",{},L("dt",{},i+(pf.has(l)&&e?.currency?
`, ${e.currency}`:"")),L("dd",{class:"value"},r(t[l])),L("dd",{},e?mf(t[l],o[l],f):""),L("dd",{},e&&Et(o[l])?`from ${r(o[l])}`:""))))}function df(e){rs=e,Pr(e),
Y("span").textContent=`${Wt(e.from)} to ${Wt(e.to)}, against ${Wt(e.before_from)} to ${Wt(e.before_to)}.`;let t=o=>e.days.filter(l=>l[1]===o).length;Y("settled").
replaceChildren(L("span",{class:"chip"},`${t("open")} open`)," ",L("span",{class:"chip"},`${t("provisional")} provisional`)," ",L("span",{class:"chip"},`${t("fi\
nal")} final`)," days. Open: hits may still be on their way. Provisional (on a tint): late conversions and refunds may still change them."),Nr()}var gf={money:[
["Net revenue","--in",4],["Spend","--out",5],["Net revenue before","--in",6,!0]],conversions:[["Conversions","--in",3],["Conversions before","--in",8,!0]],visits:[
["Visits","--in",2],["Visits before","--in",9,!0]]};function Nr(){let e=gf[Dr],t=rs.days;os(t,e.map(([o,l,i,r])=>[o,l,t.map(f=>f[i]),r])),Ie(Y("legend"),...e.map(
([o,l,,i])=>L("span",{class:`key ${l.slice(2)}${i?" old":""}`},L("span",{},o)))),Ie(Y("days"),Zt("Numbers of each day",[de("Day"),de("Status",{class:"text"}),de(
"Visits"),de("Conversions"),de("Net revenue"),de("Spend"),de("Net revenue before")],[...t].reverse().map(o=>L("tr",{},L("th",{scope:"row"},Wt(o[0])),Ce(o[1],{class:"\
text"}),Ce(Ee(o[2])),Ce(Ee(o[3])),Ce(Ye(o[4])),Ce(Ye(o[5])),Ce(Ye(o[6]))))))}var Kn=e=>e.replace(/_/g," ");function Or(){let e=Kl.rows.filter(r=>jn==="channel"==
(r[1]===null)),t=ft.models.map(r=>r.model).filter(r=>Kl.rows.some(f=>f[5]?.[r]));if(!e.length||!t.length){Ie(Y("models"),L("p",{class:"empty"},"No credited conv\
ersions in these days."));return}let o=(r,f)=>r[5]?.[f]?.[0]??0,l=[de(jn==="channel"?"Channel":"Campaign"),de("Spend"),...t.map(r=>de(Kn(r)+(r===$e.model?" \u2713":
"")))],i=e.map(r=>L("tr",{},L("th",{scope:"row"},Tt(r[3]??r[0]),r[1]!==null?L("small",{},Tt(`${r[1]} / ${r[2]}`)):""),Ce(Ye(r[4])),...t.map(f=>{let h=o(r,f)-o(r,
$e.model);return L("td",{},Ye(o(r,f)),L("small",{},f===$e.model?"chosen":Math.abs(h)<.005?"\xB10":(h>0?"+":"\u2212")+Ye(Math.abs(h))))})));Ie(Y("models"),Zt("Ne\
t revenue by attribution model",l,i),Kl.left_out&&jn==="campaign"?L("p",{class:"soft"},`${Ee(Kl.left_out)} campaigns with less are left out.`):"")}function wf(e){
if(Y("paths-note").textContent=e.conversions?`${e.different===1?"One path":`${Ee(e.different)} different paths`} before ${e.cut?"the latest ":""}${Ee(e.conversions)}\
 conversion${e.conversions===1?"":"s"}${e.paths.length<e.different?`; the ${e.paths.length} most travelled`:""}.`:"",!e.paths.length){Ie(Y("paths"),L("p",{class:"\
empty"},"No conversions in these days."));return}let t=e.paths[0][1],o=(i,r)=>Zt(i,[de("Path"),de("Conversions"),de("Share"),de("Net revenue")],r.map(([f,h,p])=>L(
"tr",{},L("th",{scope:"row"},f===null?"(no touch)":Tt(f)),Ce(Ee(h)),Ce(L("meter",{min:0,max:t,value:h,"aria-label":wt(h/e.conversions)})),Ce(Ye(p))))),l=e.paths.
slice(Er);Ie(Y("paths"),o("Paths",e.paths.slice(0,Er)),l.length?L("details",{},L("summary",{},`${l.length} more`),o("More paths",l)):"")}function yf(e,t,o){let l=[
...new Set(o.flatMap(r=>Object.keys(r)))].filter(r=>r!=="site"),i=r=>r==null?"\u2013":typeof r=="number"?Number.isInteger(r)?Ee(r):String(+r.toPrecision(4)):typeof r==
"object"?JSON.stringify(r):Tt(String(r));Ie(Y(e),Zt(t,l.map(r=>de(Kn(r))),o.map(r=>L("tr",{},...l.map((f,h)=>h?Ce(i(r[f]),{class:typeof r[f]=="number"?null:"tex\
t"}):L("th",{scope:"row"},i(r[f])))))))}var Mr=(e,t)=>Et(e[`${t}_lift`])?[Ln(e[`${t}_lift`]),Et(e[`${t}_lift_low`])?L("small",{},`${Ln(e[`${t}_lift_low`])} to ${Ln(
e[`${t}_lift_high`])}`):""]:[e.control===null?"control":"\u2013"];function Sf(e){if(!e.rows.length){Ie(Y("experiments"),L("p",{class:"empty"},"No experiment has\
 been seen on this site."));return}Ie(Y("experiments"),Zt("Experiments",[de("Experiment, arm"),de("Status",{class:"text"}),de("Customers"),de("Converted"),de("L\
ift of it"),de("Revenue each"),de("Lift of it"),de("Chance to win")],e.rows.map(t=>L("tr",{},L("th",{scope:"row"},Tt(t.experiment),L("small",{},Tt(t.variant),` \
\xB7 ${t.goal||""}`)),Ce(t.status,{class:"text"+(t.status.startsWith("withheld")?" bad":"")}),Ce(Ee(t.customers)),Ce(wt(t.rate)),L("td",{},...Mr(t,"rate")),Ce(Ye(
t.revenue_per_customer)),L("td",{},...Mr(t,"revenue")),Ce(wt(t.chance_to_win))))),L("p",{class:"soft"},"Lift against the control with its always-valid 95 % inte\
rval: it holds however often one looks."))}var _f=20,vf=.8;function bf(e){if(!e||e.last_conversion_day===null)return[];let t=[],o=e.missing_conversions;t.push(o>
_f?["fail",`About ${Ee(Math.round(o))} conversions are missing`,`${Ee(e.views_since)} pages were viewed after ${Wt(e.last_conversion_day)}, and nobody converted\
. Buy something with afterclick live open.`]:["ok","Conversions keep coming",`The last day with some is ${Wt(e.last_conversion_day)}.`+(o===null?" There are too\
 few to tell at once when they stop.":"")]);for(let[l,i,r,f,h]of[["order_coverage","order_coverage_before","orders","orders of the shop","afterclick reconcile n\
ames those that are missing."],["tracking_rate","tracking_rate_before","clicks","clicks that the platforms count","afterclick audit names the campaigns."]]){if(e[l]===
null)continue;let p=e[l]<vf*e[i];t.push([p?"warn":"ok",`${wt(e[l])} of the ${f} are tracked`,`Of ${Ee(e[r])} in the seven days to ${Wt(e[`${r}_until`])}; in the\
 four weeks before, ${wt(e[i])}.`+(p?` ${h}`:"")])}return t}function xf(e){let t=r=>r>1e3?"more than 1,000":Ee(r),o=(r,f,h)=>L("li",{class:r},L("b",{},f),L("p",
{},h)),l=(r,f,h)=>o(r?"warn":"ok",r?`${t(r)} ${f} wait`:`No ${f} wait`,r?h:"All of them are counted."),i=e.dead_letters.reduce((r,[,f])=>r+f,0);Ie(Y("quality"),
...bf(e.watch).map(([r,f,h])=>o(r,f,h)),e.roi_check===null?o("ok","Sums","Added up all the time; see the metric afterclick_roi_check_rows."):o(e.roi_check?"fail":
"ok",e.roi_check?`${t(e.roi_check)} sums do not agree`:"All sums agree",e.roi_check?"See the view roi_check: this is a bug or a hand in the tables.":"Campaigns \
add up to conversions, cells to credits."),l(e.waiting_conversions,"conversions","Their currency has no rate: afterclick import-fx."),l(e.waiting_costs,"costs",
"Their currency has no rate: afterclick import-fx. Sums with them are not shown."),l(e.waiting_refunds,"refunds","Their order is not known yet: see the view wai\
ting_refunds."),o(i?"warn":"ok",i?`${Ee(i)} records could not be used`:"Every record could be used",i?e.dead_letters.map(([r,f])=>`${f} \xD7 ${r}`).join("; "):"\
There are no dead letters."),o("ok",e.restated?`${t(e.restated)} changes of final days`:"No final day changed",e.restated?"When and why: see the view restatemen\
ts.":"What was reported as final still holds."))}function kf(e){e.rows.length?yf("quality-days","Data quality by day",e.rows):Ie(Y("quality-days"))}var qn=()=>ft.
sites.find(e=>e.site===$e.site)?.today||new Date().toISOString().slice(0,10);function Tf(){let e=Y("fresh"),t=ft.read_until?Date.parse(ft.now)-Date.parse(ft.read_until):
null;e.className="fresh "+(t!==null&&t<kr?"good":"bad"),e.textContent=t===null?"Some partitions have had no hit yet":t<kr?`Up to date, ${ko(t)} behind`:`Hits ar\
e read up to ${ko(t)} ago`}function Ef(){for(let o of["site","from","to","model","basis"])Y(o).value=$e[o];let e=Math.round((Date.parse($e.to)-Date.parse($e.from))/
864e5)+1;for(let o of document.querySelectorAll("[data-days]"))o.setAttribute("aria-pressed",String(+o.dataset.days===e&&$e.to===qn()));let t=ft.models.find(o=>o.
model===$e.model);Y("summary").textContent=`Net revenue by each model, and how it differs from ${Kn($e.model)}: ${t?.summary||""}.`}function is(e){$e={...$e,...e},
Ef(),$e.from&&$e.to&&$e.from<=$e.to?uf():wn("the first day is after the last")}function Ar(e,t,o){for(let l of document.querySelectorAll(`[${t}]`))l.addEventListener(
"click",()=>{for(let i of Y(e).children)i.setAttribute("aria-pressed",String(i===l));o(l.getAttribute(t))})}function Mf(){let e=["auto","light","dark"],t=l=>{l===
"auto"?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=l,Y("theme").textContent=`Theme: ${l}`,ss()},o=localStorage.getItem(
"theme");e.includes(o)||(o="auto"),t(o),Y("theme").addEventListener("click",()=>{o=e[(e.indexOf(o)+1)%3],localStorage.setItem("theme",o),t(o)})}async function Lr(){
try{return ft=await Cr("/api/about"),Tf(),!0}catch(e){return wn(e instanceof TypeError?"the aggregator does not answer":e.message),Y("fresh").className="fresh b\
ad",Y("fresh").textContent="How fresh this is, is not known",!1}}async function Af(){if(Pr(null),Mf(),Js(),!await Lr()){setTimeout(()=>location.reload(),Tr/6);return}
if(setInterval(Lr,Tr),!ft.sites.length){wn("there is no site yet; afterclick migrate writes them into the tables");return}let e=Object.fromEntries(new URLSearchParams(
location.hash.slice(1))),t=l=>/^\d{4}-\d\d-\d\d$/.test(l||"")?l:null;$e.site=ft.sites.some(l=>l.site===e.site)?e.site:ft.sites[0].site,Ie(Y("site"),...ft.sites.
map(l=>L("option",{value:l.site},l.site))),Ie(Y("model"),...ft.models.map(l=>L("option",{value:l.model},Kn(l.model))));let o=t(e.to)||qn();is({from:t(e.from)||xo(
o,-29),to:o,basis:e.basis==="touch"?"touch":"conversion",model:ft.models.some(l=>l.model===e.model)?e.model:"last_touch"});for(let l of["site","from","to","mode\
l","basis"])Y(l).addEventListener("change",i=>is({[l]:i.target.value}));for(let l of document.querySelectorAll("[data-days]"))l.addEventListener("click",()=>is(
{from:xo(qn(),1-l.dataset.days),to:qn()}));Y("choice").addEventListener("submit",l=>l.preventDefault()),Ar("series","data-series",l=>{Dr=l,rs&&Nr()}),Ar("level",
"data-level",l=>{jn=l,Kl&&Or()})}Af();})();
