target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%struct.ErrorArgs = type { i64, ptr, ptr, i32 }
%struct.kdsl_array = type { ptr, ptr, ptr }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }

@minor = internal unnamed_addr global i32 0, align 4
@.str = private unnamed_addr constant [56 x i8] c"kdsl: the call's attributes are not those of its kernel\00", align 1
@.str.1 = private unnamed_addr constant [53 x i8] c"kdsl: the call's buffers are not those of its kernel\00", align 1

; Function Attrs: nounwind
define void @KDSL_share_pool(i64 noundef %0, i32 noundef %1) local_unnamed_addr #0 {
  %3 = icmp eq i64 %0, 0
  br i1 %3, label %6, label %4

4:                                                ; preds = %2
  %5 = inttoptr i64 %0 to ptr
  tail call void @KDSL_set_parallel(ptr noundef nonnull @on_the_pool, ptr noundef nonnull %5, i32 noundef %1) #4
  br label %7

6:                                                ; preds = %2
  tail call void @KDSL_set_parallel(ptr noundef nonnull @on_this_thread, ptr noundef null, i32 noundef 1) #4
  br label %7

7:                                                ; preds = %6, %4
  ret void
}

declare void @KDSL_set_parallel(ptr noundef, ptr noundef, i32 noundef) local_unnamed_addr #1

; Function Attrs: nounwind
define internal void @on_the_pool(ptr nocapture noundef readonly %0, ptr noundef %1, ptr noundef %2, i64 noundef %3) #0 {
  %5 = tail call i64 %0(ptr noundef nonnull @body_as_entry, ptr noundef %2, ptr noundef %1, i64 noundef %3, i64 noundef 1) #4
  %6 = icmp eq i64 %5, 0
  br i1 %6, label %7, label %8

7:                                                ; preds = %4
  tail call void %1(ptr noundef %2, i64 noundef 0, i64 noundef %3, i64 noundef 0) #4
  br label %8

8:                                                ; preds = %7, %4
  ret void
}

; Function Attrs: nounwind
define internal void @on_this_thread(ptr nocapture readnone %0, ptr nocapture noundef readonly %1, ptr noundef %2, i64 noundef %3) #0 {
  tail call void %1(ptr noundef %2, i64 noundef 0, i64 noundef %3, i64 noundef 0) #4
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_xla_version(i32 noundef %0) local_unnamed_addr #2 {
  store i32 %0, ptr @minor, align 4, !tbaa !3
  ret void
}

; Function Attrs: nounwind
define ptr @KDSL_xla_call(ptr noundef %0, ptr nocapture noundef readonly %1) local_unnamed_addr #0 {
  %3 = alloca %struct.ErrorArgs, align 8
  %4 = alloca %struct.ErrorArgs, align 8
  %5 = alloca %struct.ErrorArgs, align 8
  %6 = alloca %struct.ErrorArgs, align 8
  %7 = alloca [64 x %struct.kdsl_array], align 16
  %8 = alloca [64 x ptr], align 16
  %9 = getelementptr inbounds i8, ptr %1, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !7
  %11 = icmp eq ptr %10, null
  br i1 %11, label %25, label %12

12:                                               ; preds = %2
  %13 = getelementptr inbounds i8, ptr %10, i64 8
  %14 = load i32, ptr %13, align 8, !tbaa !13
  %15 = icmp eq i32 %14, 1
  br i1 %15, label %16, label %25

16:                                               ; preds = %12
  %17 = getelementptr inbounds i8, ptr %10, i64 24
  %18 = load ptr, ptr %17, align 8, !tbaa !15
  %19 = load i32, ptr @minor, align 4, !tbaa !3
  %20 = getelementptr inbounds i8, ptr %18, i64 8
  store i64 24, ptr %20, align 8, !tbaa !17
  %21 = getelementptr inbounds i8, ptr %18, i64 16
  store ptr null, ptr %21, align 8, !tbaa !18
  %22 = getelementptr inbounds i8, ptr %18, i64 24
  store i32 0, ptr %22, align 8, !tbaa !3
  %23 = getelementptr inbounds i8, ptr %18, i64 28
  store i32 %19, ptr %23, align 4, !tbaa !3
  %24 = getelementptr inbounds i8, ptr %18, i64 32
  store i32 0, ptr %24, align 8, !tbaa !19
  br label %403

25:                                               ; preds = %12, %2
  %26 = getelementptr inbounds i8, ptr %1, i64 32
  %27 = load i32, ptr %26, align 8, !tbaa !22
  %28 = icmp eq i32 %27, 3
  br i1 %28, label %29, label %403

29:                                               ; preds = %25
  %30 = getelementptr inbounds i8, ptr %0, i64 16
  %31 = load i32, ptr %30, align 8, !tbaa !23
  %32 = sext i32 %31 to i64
  %33 = getelementptr inbounds i8, ptr %1, i64 136
  %34 = load i64, ptr %33, align 8, !tbaa !25
  %35 = icmp sgt i64 %34, 0
  br i1 %35, label %36, label %103

36:                                               ; preds = %29
  %37 = getelementptr inbounds i8, ptr %1, i64 144
  %38 = load ptr, ptr %37, align 8, !tbaa !26
  %39 = load i32, ptr %38, align 4, !tbaa !3
  %40 = icmp eq i32 %39, 1
  br i1 %40, label %41, label %54

41:                                               ; preds = %36
  %42 = getelementptr inbounds i8, ptr %1, i64 160
  %43 = load ptr, ptr %42, align 8, !tbaa !27
  %44 = load ptr, ptr %43, align 8, !tbaa !18
  %45 = load i32, ptr %44, align 8, !tbaa !28
  %46 = icmp eq i32 %45, 5
  br i1 %46, label %47, label %54

47:                                               ; preds = %41
  %48 = getelementptr inbounds i8, ptr %44, i64 8
  %49 = load i64, ptr %48, align 8, !tbaa !30
  %50 = icmp eq i64 %49, %32
  br i1 %50, label %51, label %54

51:                                               ; preds = %47
  %52 = getelementptr inbounds i8, ptr %44, i64 16
  %53 = load ptr, ptr %52, align 8, !tbaa !31
  br label %54

54:                                               ; preds = %36, %41, %47, %51
  %55 = phi ptr [ null, %36 ], [ %53, %51 ], [ null, %47 ], [ null, %41 ]
  %56 = icmp eq i64 %34, 1
  br i1 %56, label %103, label %57

57:                                               ; preds = %54
  %58 = getelementptr inbounds i8, ptr %38, i64 4
  %59 = load i32, ptr %58, align 4, !tbaa !3
  %60 = icmp eq i32 %59, 1
  br i1 %60, label %61, label %75

61:                                               ; preds = %57
  %62 = getelementptr inbounds i8, ptr %1, i64 160
  %63 = load ptr, ptr %62, align 8, !tbaa !27
  %64 = getelementptr inbounds i8, ptr %63, i64 8
  %65 = load ptr, ptr %64, align 8, !tbaa !18
  %66 = load i32, ptr %65, align 8, !tbaa !28
  %67 = icmp eq i32 %66, 5
  br i1 %67, label %68, label %75

68:                                               ; preds = %61
  %69 = getelementptr inbounds i8, ptr %65, i64 8
  %70 = load i64, ptr %69, align 8, !tbaa !30
  %71 = icmp eq i64 %70, 9
  br i1 %71, label %72, label %75

72:                                               ; preds = %68
  %73 = getelementptr inbounds i8, ptr %65, i64 16
  %74 = load ptr, ptr %73, align 8, !tbaa !31
  br label %75

75:                                               ; preds = %57, %61, %68, %72
  %76 = phi ptr [ null, %57 ], [ %74, %72 ], [ null, %68 ], [ null, %61 ]
  %77 = icmp ugt i64 %34, 2
  br i1 %77, label %78, label %103

78:                                               ; preds = %75
  %79 = getelementptr inbounds i8, ptr %38, i64 8
  %80 = load i32, ptr %79, align 4, !tbaa !3
  %81 = icmp eq i32 %80, 1
  br i1 %81, label %82, label %103

82:                                               ; preds = %78
  %83 = getelementptr inbounds i8, ptr %1, i64 160
  %84 = load ptr, ptr %83, align 8, !tbaa !27
  %85 = getelementptr inbounds i8, ptr %84, i64 16
  %86 = load ptr, ptr %85, align 8, !tbaa !18
  %87 = load i32, ptr %86, align 8, !tbaa !28
  %88 = icmp eq i32 %87, 5
  br i1 %88, label %89, label %103

89:                                               ; preds = %82
  %90 = getelementptr inbounds i8, ptr %86, i64 8
  %91 = load i64, ptr %90, align 8, !tbaa !30
  %92 = icmp eq i64 %91, %32
  br i1 %92, label %93, label %103

93:                                               ; preds = %89
  %94 = getelementptr inbounds i8, ptr %86, i64 16
  %95 = load ptr, ptr %94, align 8, !tbaa !31
  %96 = icmp eq ptr %55, null
  %97 = icmp eq ptr %76, null
  %98 = select i1 %96, i1 true, i1 %97
  %99 = icmp eq ptr %95, null
  %100 = select i1 %98, i1 true, i1 %99
  %101 = icmp sgt i32 %31, 64
  %102 = select i1 %100, i1 true, i1 %101
  br i1 %102, label %103, label %112

103:                                              ; preds = %29, %54, %82, %89, %75, %78, %93
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %6) #5
  store i64 32, ptr %6, align 8, !tbaa !32
  %104 = getelementptr inbounds i8, ptr %6, i64 8
  store ptr null, ptr %104, align 8, !tbaa !34
  %105 = getelementptr inbounds i8, ptr %6, i64 16
  store ptr @.str, ptr %105, align 8, !tbaa !35
  %106 = getelementptr inbounds i8, ptr %6, i64 24
  store i32 3, ptr %106, align 8, !tbaa !36
  %107 = getelementptr inbounds i8, ptr %1, i64 16
  %108 = load ptr, ptr %107, align 8, !tbaa !37
  %109 = getelementptr inbounds i8, ptr %108, i64 48
  %110 = load ptr, ptr %109, align 8, !tbaa !38
  %111 = call ptr %110(ptr noundef nonnull %6) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %6) #5
  br label %403

112:                                              ; preds = %93
  call void @llvm.lifetime.start.p0(i64 1536, ptr nonnull %7) #5
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %8) #5
  %113 = icmp sgt i32 %31, 0
  br i1 %113, label %114, label %369

114:                                              ; preds = %112
  %115 = getelementptr inbounds i8, ptr %1, i64 56
  %116 = getelementptr inbounds i8, ptr %1, i64 72
  %117 = getelementptr inbounds i8, ptr %1, i64 96
  %118 = getelementptr inbounds i8, ptr %1, i64 112
  br label %119

119:                                              ; preds = %114, %362
  %120 = phi i32 [ %31, %114 ], [ %363, %362 ]
  %121 = phi i64 [ 0, %114 ], [ %366, %362 ]
  %122 = phi i64 [ 0, %114 ], [ %365, %362 ]
  %123 = phi i64 [ 0, %114 ], [ %364, %362 ]
  %124 = load ptr, ptr %0, align 8, !tbaa !40
  %125 = getelementptr inbounds %struct.Param, ptr %124, i64 %121
  %126 = getelementptr inbounds i64, ptr %55, i64 %121
  %127 = load i64, ptr %126, align 8, !tbaa !17
  switch i64 %127, label %146 [
    i64 2, label %128
    i64 1, label %138
  ]

128:                                              ; preds = %119
  %129 = load i32, ptr %125, align 4, !tbaa !41
  %130 = icmp eq i32 %129, 0
  br i1 %130, label %131, label %146

131:                                              ; preds = %128
  %132 = getelementptr inbounds i8, ptr %125, i64 4
  %133 = load i32, ptr %132, align 4, !tbaa !43
  %134 = icmp slt i32 %133, 9
  br i1 %134, label %135, label %146

135:                                              ; preds = %131
  %136 = getelementptr inbounds i64, ptr %95, i64 %121
  %137 = getelementptr inbounds [64 x ptr], ptr %8, i64 0, i64 %121
  store ptr %136, ptr %137, align 8, !tbaa !18
  br label %362

138:                                              ; preds = %119
  %139 = load i64, ptr %115, align 8, !tbaa !44
  %140 = icmp slt i64 %122, %139
  br i1 %140, label %141, label %146

141:                                              ; preds = %138
  %142 = load ptr, ptr %116, align 8, !tbaa !45
  %143 = add nsw i64 %122, 1
  %144 = getelementptr inbounds ptr, ptr %142, i64 %122
  %145 = load ptr, ptr %144, align 8, !tbaa !18
  br label %146

146:                                              ; preds = %119, %128, %131, %141, %138
  %147 = phi ptr [ %145, %141 ], [ null, %138 ], [ null, %131 ], [ null, %128 ], [ null, %119 ]
  %148 = phi i64 [ %143, %141 ], [ %122, %138 ], [ %122, %131 ], [ %122, %128 ], [ %122, %119 ]
  %149 = getelementptr inbounds i8, ptr %125, i64 20
  %150 = load i32, ptr %149, align 4, !tbaa !46
  %151 = icmp eq i32 %150, 0
  br i1 %151, label %160, label %152

152:                                              ; preds = %146
  %153 = load i64, ptr %117, align 8, !tbaa !47
  %154 = icmp slt i64 %123, %153
  br i1 %154, label %155, label %160

155:                                              ; preds = %152
  %156 = load ptr, ptr %118, align 8, !tbaa !48
  %157 = add nsw i64 %123, 1
  %158 = getelementptr inbounds ptr, ptr %156, i64 %123
  %159 = load ptr, ptr %158, align 8, !tbaa !18
  br label %160

160:                                              ; preds = %155, %152, %146
  %161 = phi ptr [ %159, %155 ], [ null, %152 ], [ null, %146 ]
  %162 = phi i64 [ %157, %155 ], [ %123, %152 ], [ %123, %146 ]
  %163 = icmp ne ptr %161, null
  %164 = select i1 %163, ptr %161, ptr %147
  %165 = icmp eq ptr %164, null
  br i1 %165, label %353, label %166

166:                                              ; preds = %160
  %167 = icmp ne i64 %127, 1
  %168 = icmp ne ptr %147, null
  %169 = select i1 %167, i1 true, i1 %168
  %170 = or i1 %151, %163
  %171 = and i1 %169, %170
  br i1 %171, label %172, label %353

172:                                              ; preds = %166
  %173 = getelementptr inbounds i8, ptr %164, i64 32
  %174 = load i64, ptr %173, align 8, !tbaa !49
  %175 = load i32, ptr %125, align 4, !tbaa !41
  %176 = icmp eq i32 %175, 0
  br i1 %176, label %180, label %177

177:                                              ; preds = %172
  %178 = getelementptr inbounds i8, ptr %125, i64 8
  %179 = load i32, ptr %178, align 4, !tbaa !51
  br label %180

180:                                              ; preds = %172, %177
  %181 = phi i32 [ %179, %177 ], [ 0, %172 ]
  %182 = sext i32 %181 to i64
  %183 = icmp eq i64 %174, %182
  br i1 %183, label %184, label %353

184:                                              ; preds = %180
  %185 = and i1 %168, %163
  br i1 %185, label %186, label %262

186:                                              ; preds = %184
  %187 = getelementptr inbounds i8, ptr %147, i64 24
  %188 = load ptr, ptr %187, align 8, !tbaa !52
  %189 = getelementptr inbounds i8, ptr %161, i64 24
  %190 = load ptr, ptr %189, align 8, !tbaa !52
  %191 = icmp eq ptr %188, %190
  br i1 %191, label %337, label %192

192:                                              ; preds = %186
  %193 = getelementptr inbounds i8, ptr %125, i64 4
  %194 = load i32, ptr %193, align 4, !tbaa !43
  %195 = sext i32 %194 to i64
  %196 = getelementptr inbounds i8, ptr %161, i64 32
  %197 = load i64, ptr %196, align 8, !tbaa !49
  %198 = icmp sgt i64 %197, 0
  br i1 %198, label %199, label %259

199:                                              ; preds = %192
  %200 = getelementptr inbounds i8, ptr %161, i64 40
  %201 = load ptr, ptr %200, align 8, !tbaa !53
  %202 = and i64 %197, 7
  %203 = icmp ult i64 %197, 8
  br i1 %203, label %244, label %204

204:                                              ; preds = %199
  %205 = and i64 %197, 9223372036854775800
  br label %206

206:                                              ; preds = %206, %204
  %207 = phi i64 [ 0, %204 ], [ %241, %206 ]
  %208 = phi i64 [ %195, %204 ], [ %240, %206 ]
  %209 = phi i64 [ 0, %204 ], [ %242, %206 ]
  %210 = getelementptr inbounds i64, ptr %201, i64 %207
  %211 = load i64, ptr %210, align 8, !tbaa !17
  %212 = mul i64 %211, %208
  %213 = or disjoint i64 %207, 1
  %214 = getelementptr inbounds i64, ptr %201, i64 %213
  %215 = load i64, ptr %214, align 8, !tbaa !17
  %216 = mul i64 %215, %212
  %217 = or disjoint i64 %207, 2
  %218 = getelementptr inbounds i64, ptr %201, i64 %217
  %219 = load i64, ptr %218, align 8, !tbaa !17
  %220 = mul i64 %219, %216
  %221 = or disjoint i64 %207, 3
  %222 = getelementptr inbounds i64, ptr %201, i64 %221
  %223 = load i64, ptr %222, align 8, !tbaa !17
  %224 = mul i64 %223, %220
  %225 = or disjoint i64 %207, 4
  %226 = getelementptr inbounds i64, ptr %201, i64 %225
  %227 = load i64, ptr %226, align 8, !tbaa !17
  %228 = mul i64 %227, %224
  %229 = or disjoint i64 %207, 5
  %230 = getelementptr inbounds i64, ptr %201, i64 %229
  %231 = load i64, ptr %230, align 8, !tbaa !17
  %232 = mul i64 %231, %228
  %233 = or disjoint i64 %207, 6
  %234 = getelementptr inbounds i64, ptr %201, i64 %233
  %235 = load i64, ptr %234, align 8, !tbaa !17
  %236 = mul i64 %235, %232
  %237 = or disjoint i64 %207, 7
  %238 = getelementptr inbounds i64, ptr %201, i64 %237
  %239 = load i64, ptr %238, align 8, !tbaa !17
  %240 = mul i64 %239, %236
  %241 = add nuw nsw i64 %207, 8
  %242 = add i64 %209, 8
  %243 = icmp eq i64 %242, %205
  br i1 %243, label %244, label %206, !llvm.loop !54

244:                                              ; preds = %206, %199
  %245 = phi i64 [ poison, %199 ], [ %240, %206 ]
  %246 = phi i64 [ 0, %199 ], [ %241, %206 ]
  %247 = phi i64 [ %195, %199 ], [ %240, %206 ]
  %248 = icmp eq i64 %202, 0
  br i1 %248, label %259, label %249

249:                                              ; preds = %244, %249
  %250 = phi i64 [ %256, %249 ], [ %246, %244 ]
  %251 = phi i64 [ %255, %249 ], [ %247, %244 ]
  %252 = phi i64 [ %257, %249 ], [ 0, %244 ]
  %253 = getelementptr inbounds i64, ptr %201, i64 %250
  %254 = load i64, ptr %253, align 8, !tbaa !17
  %255 = mul i64 %254, %251
  %256 = add nuw nsw i64 %250, 1
  %257 = add i64 %252, 1
  %258 = icmp eq i64 %257, %202
  br i1 %258, label %259, label %249, !llvm.loop !56

259:                                              ; preds = %244, %249, %192
  %260 = phi i64 [ %195, %192 ], [ %245, %244 ], [ %255, %249 ]
  %261 = call ptr @memcpy(ptr noundef %190, ptr noundef %188, i64 noundef %260) #4
  br label %337

262:                                              ; preds = %184
  %263 = icmp eq ptr %161, null
  %264 = select i1 %263, i1 true, i1 %168
  br i1 %264, label %337, label %265

265:                                              ; preds = %262
  %266 = getelementptr inbounds i8, ptr %161, i64 24
  %267 = load ptr, ptr %266, align 8, !tbaa !52
  %268 = getelementptr inbounds i8, ptr %125, i64 4
  %269 = load i32, ptr %268, align 4, !tbaa !43
  %270 = sext i32 %269 to i64
  %271 = getelementptr inbounds i8, ptr %161, i64 32
  %272 = load i64, ptr %271, align 8, !tbaa !49
  %273 = icmp sgt i64 %272, 0
  br i1 %273, label %274, label %334

274:                                              ; preds = %265
  %275 = getelementptr inbounds i8, ptr %161, i64 40
  %276 = load ptr, ptr %275, align 8, !tbaa !53
  %277 = and i64 %272, 7
  %278 = icmp ult i64 %272, 8
  br i1 %278, label %319, label %279

279:                                              ; preds = %274
  %280 = and i64 %272, 9223372036854775800
  br label %281

281:                                              ; preds = %281, %279
  %282 = phi i64 [ 0, %279 ], [ %316, %281 ]
  %283 = phi i64 [ %270, %279 ], [ %315, %281 ]
  %284 = phi i64 [ 0, %279 ], [ %317, %281 ]
  %285 = getelementptr inbounds i64, ptr %276, i64 %282
  %286 = load i64, ptr %285, align 8, !tbaa !17
  %287 = mul i64 %286, %283
  %288 = or disjoint i64 %282, 1
  %289 = getelementptr inbounds i64, ptr %276, i64 %288
  %290 = load i64, ptr %289, align 8, !tbaa !17
  %291 = mul i64 %290, %287
  %292 = or disjoint i64 %282, 2
  %293 = getelementptr inbounds i64, ptr %276, i64 %292
  %294 = load i64, ptr %293, align 8, !tbaa !17
  %295 = mul i64 %294, %291
  %296 = or disjoint i64 %282, 3
  %297 = getelementptr inbounds i64, ptr %276, i64 %296
  %298 = load i64, ptr %297, align 8, !tbaa !17
  %299 = mul i64 %298, %295
  %300 = or disjoint i64 %282, 4
  %301 = getelementptr inbounds i64, ptr %276, i64 %300
  %302 = load i64, ptr %301, align 8, !tbaa !17
  %303 = mul i64 %302, %299
  %304 = or disjoint i64 %282, 5
  %305 = getelementptr inbounds i64, ptr %276, i64 %304
  %306 = load i64, ptr %305, align 8, !tbaa !17
  %307 = mul i64 %306, %303
  %308 = or disjoint i64 %282, 6
  %309 = getelementptr inbounds i64, ptr %276, i64 %308
  %310 = load i64, ptr %309, align 8, !tbaa !17
  %311 = mul i64 %310, %307
  %312 = or disjoint i64 %282, 7
  %313 = getelementptr inbounds i64, ptr %276, i64 %312
  %314 = load i64, ptr %313, align 8, !tbaa !17
  %315 = mul i64 %314, %311
  %316 = add nuw nsw i64 %282, 8
  %317 = add i64 %284, 8
  %318 = icmp eq i64 %317, %280
  br i1 %318, label %319, label %281, !llvm.loop !54

319:                                              ; preds = %281, %274
  %320 = phi i64 [ poison, %274 ], [ %315, %281 ]
  %321 = phi i64 [ 0, %274 ], [ %316, %281 ]
  %322 = phi i64 [ %270, %274 ], [ %315, %281 ]
  %323 = icmp eq i64 %277, 0
  br i1 %323, label %334, label %324

324:                                              ; preds = %319, %324
  %325 = phi i64 [ %331, %324 ], [ %321, %319 ]
  %326 = phi i64 [ %330, %324 ], [ %322, %319 ]
  %327 = phi i64 [ %332, %324 ], [ 0, %319 ]
  %328 = getelementptr inbounds i64, ptr %276, i64 %325
  %329 = load i64, ptr %328, align 8, !tbaa !17
  %330 = mul i64 %329, %326
  %331 = add nuw nsw i64 %325, 1
  %332 = add i64 %327, 1
  %333 = icmp eq i64 %332, %277
  br i1 %333, label %334, label %324, !llvm.loop !58

334:                                              ; preds = %319, %324, %265
  %335 = phi i64 [ %270, %265 ], [ %320, %319 ], [ %330, %324 ]
  %336 = call ptr @memset(ptr noundef %267, i32 noundef 0, i64 noundef %335) #4
  br label %337

337:                                              ; preds = %186, %262, %334, %259
  %338 = getelementptr inbounds [64 x %struct.kdsl_array], ptr %7, i64 0, i64 %121
  %339 = getelementptr inbounds i8, ptr %164, i64 24
  %340 = load ptr, ptr %339, align 8, !tbaa !52
  %341 = getelementptr inbounds i8, ptr %164, i64 40
  %342 = load ptr, ptr %341, align 8, !tbaa !53
  store ptr %340, ptr %338, align 8, !tbaa !18
  %343 = getelementptr inbounds i8, ptr %338, i64 8
  store ptr %342, ptr %343, align 8, !tbaa !18
  %344 = getelementptr inbounds i8, ptr %338, i64 16
  store ptr null, ptr %344, align 8, !tbaa !18
  %345 = load i32, ptr %125, align 4, !tbaa !41
  %346 = icmp eq i32 %345, 0
  br i1 %346, label %347, label %349

347:                                              ; preds = %337
  %348 = load ptr, ptr %339, align 8, !tbaa !52
  br label %349

349:                                              ; preds = %337, %347
  %350 = phi ptr [ %348, %347 ], [ %338, %337 ]
  %351 = getelementptr inbounds [64 x ptr], ptr %8, i64 0, i64 %121
  store ptr %350, ptr %351, align 8, !tbaa !18
  %352 = load i32, ptr %30, align 8, !tbaa !23
  br label %362

353:                                              ; preds = %166, %180, %160
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %5) #5
  store i64 32, ptr %5, align 8, !tbaa !32
  %354 = getelementptr inbounds i8, ptr %5, i64 8
  store ptr null, ptr %354, align 8, !tbaa !34
  %355 = getelementptr inbounds i8, ptr %5, i64 16
  store ptr @.str.1, ptr %355, align 8, !tbaa !35
  %356 = getelementptr inbounds i8, ptr %5, i64 24
  store i32 3, ptr %356, align 8, !tbaa !36
  %357 = getelementptr inbounds i8, ptr %1, i64 16
  %358 = load ptr, ptr %357, align 8, !tbaa !37
  %359 = getelementptr inbounds i8, ptr %358, i64 48
  %360 = load ptr, ptr %359, align 8, !tbaa !38
  %361 = call ptr %360(ptr noundef nonnull %5) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %5) #5
  br label %401

362:                                              ; preds = %135, %349
  %363 = phi i32 [ %352, %349 ], [ %120, %135 ]
  %364 = phi i64 [ %162, %349 ], [ %123, %135 ]
  %365 = phi i64 [ %148, %349 ], [ %122, %135 ]
  %366 = add nuw nsw i64 %121, 1
  %367 = sext i32 %363 to i64
  %368 = icmp slt i64 %366, %367
  br i1 %368, label %119, label %369, !llvm.loop !59

369:                                              ; preds = %362, %112
  %370 = phi i64 [ 0, %112 ], [ %364, %362 ]
  %371 = phi i64 [ 0, %112 ], [ %365, %362 ]
  %372 = getelementptr inbounds i8, ptr %1, i64 56
  %373 = load i64, ptr %372, align 8, !tbaa !44
  %374 = icmp eq i64 %371, %373
  br i1 %374, label %375, label %379

375:                                              ; preds = %369
  %376 = getelementptr inbounds i8, ptr %1, i64 96
  %377 = load i64, ptr %376, align 8, !tbaa !47
  %378 = icmp eq i64 %370, %377
  br i1 %378, label %388, label %379

379:                                              ; preds = %375, %369
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %4) #5
  store i64 32, ptr %4, align 8, !tbaa !32
  %380 = getelementptr inbounds i8, ptr %4, i64 8
  store ptr null, ptr %380, align 8, !tbaa !34
  %381 = getelementptr inbounds i8, ptr %4, i64 16
  store ptr @.str.1, ptr %381, align 8, !tbaa !35
  %382 = getelementptr inbounds i8, ptr %4, i64 24
  store i32 3, ptr %382, align 8, !tbaa !36
  %383 = getelementptr inbounds i8, ptr %1, i64 16
  %384 = load ptr, ptr %383, align 8, !tbaa !37
  %385 = getelementptr inbounds i8, ptr %384, i64 48
  %386 = load ptr, ptr %385, align 8, !tbaa !38
  %387 = call ptr %386(ptr noundef nonnull %4) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %4) #5
  br label %401

388:                                              ; preds = %375
  %389 = call i32 @KDSL_launch_kernel(ptr noundef nonnull %0, ptr noundef nonnull %76, ptr noundef nonnull %8) #4
  %390 = icmp eq i32 %389, 0
  br i1 %390, label %401, label %391

391:                                              ; preds = %388
  %392 = call ptr @KDSL_error_text(i32 noundef %389) #4
  call void @llvm.lifetime.start.p0(i64 32, ptr nonnull %3) #5
  store i64 32, ptr %3, align 8, !tbaa !32
  %393 = getelementptr inbounds i8, ptr %3, i64 8
  store ptr null, ptr %393, align 8, !tbaa !34
  %394 = getelementptr inbounds i8, ptr %3, i64 16
  store ptr %392, ptr %394, align 8, !tbaa !35
  %395 = getelementptr inbounds i8, ptr %3, i64 24
  store i32 3, ptr %395, align 8, !tbaa !36
  %396 = getelementptr inbounds i8, ptr %1, i64 16
  %397 = load ptr, ptr %396, align 8, !tbaa !37
  %398 = getelementptr inbounds i8, ptr %397, i64 48
  %399 = load ptr, ptr %398, align 8, !tbaa !38
  %400 = call ptr %399(ptr noundef nonnull %3) #4
  call void @llvm.lifetime.end.p0(i64 32, ptr nonnull %3) #5
  br label %401

401:                                              ; preds = %353, %391, %388, %379
  %402 = phi ptr [ %387, %379 ], [ %400, %391 ], [ null, %388 ], [ %361, %353 ]
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %8) #5
  call void @llvm.lifetime.end.p0(i64 1536, ptr nonnull %7) #5
  br label %403

403:                                              ; preds = %103, %401, %25, %16
  %404 = phi ptr [ null, %16 ], [ null, %25 ], [ %111, %103 ], [ %402, %401 ]
  ret ptr %404
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #3

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #3

declare ptr @memcpy(ptr noundef, ptr noundef, i64 noundef) local_unnamed_addr #1

declare ptr @memset(ptr noundef, i32 noundef, i64 noundef) local_unnamed_addr #1

declare i32 @KDSL_launch_kernel(ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #1

declare ptr @KDSL_error_text(i32 noundef) local_unnamed_addr #1

; Function Attrs: nounwind
define internal void @body_as_entry(ptr noundef %0, ptr nocapture noundef readonly %1, i64 noundef %2, i64 noundef %3, i64 noundef %4) #0 {
  tail call void %1(ptr noundef %0, i64 noundef %2, i64 noundef %3, i64 noundef %4) #4
  ret void
}

attributes #0 = { nounwind "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #2 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #4 = { nobuiltin nounwind "no-builtins" }
attributes #5 = { nounwind }

!llvm.module.flags = !{!0, !1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!3 = !{!4, !4, i64 0}
!4 = !{!"int", !5, i64 0}
!5 = !{!"omnipotent char", !6, i64 0}
!6 = !{!"Simple C/C++ TBAA"}
!7 = !{!8, !10, i64 8}
!8 = !{!"", !9, i64 0, !10, i64 8, !10, i64 16, !10, i64 24, !4, i64 32, !11, i64 40, !11, i64 80, !12, i64 120}
!9 = !{!"long", !5, i64 0}
!10 = !{!"any pointer", !5, i64 0}
!11 = !{!"", !9, i64 0, !10, i64 8, !9, i64 16, !10, i64 24, !10, i64 32}
!12 = !{!"", !9, i64 0, !10, i64 8, !9, i64 16, !10, i64 24, !10, i64 32, !10, i64 40}
!13 = !{!14, !4, i64 8}
!14 = !{!"Extension", !9, i64 0, !4, i64 8, !10, i64 16}
!15 = !{!16, !10, i64 24}
!16 = !{!"", !14, i64 0, !10, i64 24}
!17 = !{!9, !9, i64 0}
!18 = !{!10, !10, i64 0}
!19 = !{!20, !4, i64 32}
!20 = !{!"", !9, i64 0, !21, i64 8, !4, i64 32}
!21 = !{!"", !9, i64 0, !10, i64 8, !4, i64 16, !4, i64 20}
!22 = !{!8, !4, i64 32}
!23 = !{!24, !4, i64 16}
!24 = !{!"", !10, i64 0, !10, i64 8, !4, i64 16, !4, i64 20}
!25 = !{!12, !9, i64 16}
!26 = !{!12, !10, i64 24}
!27 = !{!12, !10, i64 40}
!28 = !{!29, !4, i64 0}
!29 = !{!"", !4, i64 0, !9, i64 8, !10, i64 16}
!30 = !{!29, !9, i64 8}
!31 = !{!29, !10, i64 16}
!32 = !{!33, !9, i64 0}
!33 = !{!"", !9, i64 0, !10, i64 8, !10, i64 16, !4, i64 24}
!34 = !{!33, !10, i64 8}
!35 = !{!33, !10, i64 16}
!36 = !{!33, !4, i64 24}
!37 = !{!8, !10, i64 16}
!38 = !{!39, !10, i64 48}
!39 = !{!"", !9, i64 0, !10, i64 8, !21, i64 16, !10, i64 40, !10, i64 48}
!40 = !{!24, !10, i64 0}
!41 = !{!42, !4, i64 0}
!42 = !{!"", !4, i64 0, !4, i64 4, !4, i64 8, !4, i64 12, !4, i64 16, !4, i64 20}
!43 = !{!42, !4, i64 4}
!44 = !{!8, !9, i64 56}
!45 = !{!8, !10, i64 72}
!46 = !{!42, !4, i64 20}
!47 = !{!8, !9, i64 96}
!48 = !{!8, !10, i64 112}
!49 = !{!50, !9, i64 32}
!50 = !{!"", !9, i64 0, !10, i64 8, !4, i64 16, !10, i64 24, !9, i64 32, !10, i64 40}
!51 = !{!42, !4, i64 8}
!52 = !{!50, !10, i64 24}
!53 = !{!50, !10, i64 40}
!54 = distinct !{!54, !55}
!55 = !{!"llvm.loop.mustprogress"}
!56 = distinct !{!56, !57}
!57 = !{!"llvm.loop.unroll.disable"}
!58 = distinct !{!58, !57}
!59 = distinct !{!59, !55}
